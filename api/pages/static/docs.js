// Draws the API document. A file of its own, because the page allows no inline script; no validator
// badge, because the page may ask no other host.
window.SwaggerUIBundle({
  url: `openapi.json${window.location.search}`,
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});
