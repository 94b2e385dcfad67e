// The page to sign in: what the address says after # (district, threshold, ...) is kept over it.

for (const form of document.forms) form.action += location.hash;
for (const link of document.querySelectorAll(".language a")) link.href += location.hash;
