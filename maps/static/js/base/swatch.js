// Swatches of the legend as SVG: they print without background graphics and stay as they are in forced colours.

import { svg } from "./dom.js";

const W = 120; // as wide as a class of the legend gets; a narrow swatch shows its left part
const H = 11;
const area = { width: "100%", height: "100%", stroke: "#1d2429", "stroke-opacity": 0.45, "stroke-width": 1 };
const box = (...inner) => svg("svg", { class: "swatch", height: H, "aria-hidden": "true", focusable: "false" }, ...inner);

/** Lines at 45 degrees over the swatch, `step` apart. */
function lines(step, { stroke, up = true }) {
  const at = Array.from({ length: Math.ceil((W + H) / step) }, (_, n) => n * step);
  const d = at.map((x) => (up ? `M${x - H} ${H}L${x} 0` : `M${x - H} 0L${x} ${H}`)).join("");
  return svg("path", { d, stroke, "stroke-width": 1, fill: "none" });
}

/** A plain colour; no colour is paper. */
export const plain = (colour = "#fff") => box(svg("rect", { ...area, fill: colour }));
/** No households. */
export const hatched = () => box(svg("rect", { ...area, fill: "#fff" }), lines(4, { stroke: "#8f9498" }));
/** Nobody looks after who lives there. */
export const crossed = () => box(svg("rect", { ...area, fill: "#fff" }), lines(5, { stroke: "#1d2429" }), lines(5, { stroke: "#1d2429", up: false }));
