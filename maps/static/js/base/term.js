// The mark beside a term that tells what it means. One box serves every mark: it opens beside the one that is pressed.

import { byId, fill, h } from "./dom.js";
import { askName, language, t, tellingOf } from "./words.js";

const GAP_PX = 6;
const EDGE_PX = 8;

/** A mark for the term `id` of the glossary; its name is said by screen readers, its sign is drawn by the style sheet. */
export const termMark = (id) => h("button.ask", { type: "button", "data-key": `ask-${id}`, "data-term": id, "aria-label": askName(id), "aria-haspopup": "dialog" });

/** Put the box below the mark, or above it, inside the window. */
function place(box, mark) {
  const [at, size] = [mark.getBoundingClientRect(), box.getBoundingClientRect()];
  const below = at.bottom + GAP_PX;
  const top = below + size.height > innerHeight - EDGE_PX ? at.top - GAP_PX - size.height : below;
  const left = Math.min(at.left - GAP_PX, innerWidth - EDGE_PX - size.width);
  for (const [side, px] of [["top", top], ["left", left]]) box.style.setProperty(side, `${Math.max(EDGE_PX, px)}px`);
}

function open(mark) {
  const id = mark.dataset.term;
  const box = byId("term");
  const { term, means, source } = tellingOf(id);
  fill(
    box,
    h("h2", { id: "term-name" }, term),
    h("p", {}, means),
    h("p.term-source", {}, h("span", {}, t("term.source", { source }))),
    h("p.term-more", {}, h("a", { href: `glossary?lang=${language()}#${id}`, target: "_blank", rel: "noopener" }, t("term.more")), h("button.plain", { type: "button", onclick: () => box.hidePopover() }, t("term.close"))),
  );
  box.showPopover();
  place(box, mark);
  box.focus();
}

/** Listen once, for every mark that is or will be; Escape or a press elsewhere closes the box. */
export function wireTerms() {
  let asked = null;
  document.addEventListener("click", (event) => {
    const mark = event.target.closest?.("button.ask");
    if (!mark) return;
    asked = mark;
    open(mark);
  });
  byId("term").addEventListener("toggle", (event) => {
    if (event.newState === "closed" && asked?.isConnected && byId("term").contains(document.activeElement)) asked.focus();
  });
}
