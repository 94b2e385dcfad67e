// Head of the print: district, date, walker, threshold, standard, revision, scale and north; and the map's size on paper.

import { byId, fill, h, svg } from "../base/dom.js";
import { momentText } from "../base/gate_hours.js";
import { eachOwn, within } from "../base/threshold_words.js";
import { language, nameOf, percent, t, termOf, whole } from "../base/words.js";
import { walkerOf } from "./topbar.js";

const PAPER = { width: 770, height: 420, largest: 1.25 }; // room for the map on A4, landscape, pixels; how much it may grow
const PIXEL_M = 0.0254 / 96;
const EARTH_M = 40_075_016.686;
const TILE_PX = 512;

/** How much larger or smaller the map is on paper than on the screen. */
const growth = () => Math.min(PAPER.largest, PAPER.width / byId("map").offsetWidth, PAPER.height / byId("map").offsetHeight);

/** The scale of the map on paper, two digits of its denominator; the map's latitude counts. */
function scaleOf(map) {
  const metres = (EARTH_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (TILE_PX * 2 ** map.getZoom());
  const exact = metres / (PIXEL_M * growth());
  const step = 10 ** (Math.floor(Math.log10(exact)) - 1);
  return whole(Math.round(exact / step) * step);
}

const dateOf = (date) => new Intl.DateTimeFormat(language(), { dateStyle: "long" }).format(date);

function north() {
  return svg("svg", { viewBox: "0 0 24 34", width: 24, height: 34, class: "north", role: "img", "aria-label": t("print.north") }, svg("path", { d: "M12 1 L19 24 L12 19 L5 24 Z", fill: "#1d2429" }), svg("text", { x: 12, y: 33, "text-anchor": "middle", "font-size": 10, fill: "#1d2429" }, t("print.north_mark")));
}

/** Draw the head of `ctx`; on the screen it is hidden. */
export function renderPrintHead({ state, data, map }) {
  const box = byId("print-head");
  const { detail, coverage } = data;
  if (!detail || !coverage) return fill(box);
  const { profile, hours_at: hours } = coverage;
  const { standard, revision } = detail;
  const paces = (coverage.paces ?? []).map((p) => t("paces.each", { metres: whole(p.pace_m), share: percent(p.coverage_all) }));
  const line = (key, value) => value && h("div", {}, h("dt", {}, t(key)), h("dd", {}, value));
  return fill(
    box,
    h("h1", {}, t("print.title", { name: nameOf(detail) }), h("small", {}, detail.code)),
    north(),
    h(
      "dl",
      {},
      line("print.date", dateOf(new Date())),
      line("print.as_of", state.as_of),
      line("print.walker", walkerOf(profile)),
      line("print.threshold", t("print.minutes", within(coverage)) + eachOwn(coverage)),
      line("print.paces", paces.join(t("walker.separator"))),
      line("print.gates", hours && momentText(state.moment)),
      line("print.standard", `${termOf(standard)} ${standard.version}`),
      line("print.revision", String(revision)),
      line("print.scale", map.drawn === false ? null : t("print.ratio", { n: scaleOf(map) })),
    ),
  );
}

/** Listen once: before printing the map keeps its pixels, and grows or shrinks to the paper with all that stands on it. */
export function wirePrint({ map, ctx }) {
  const stage = byId("map").parentElement;
  addEventListener("beforeprint", () => {
    const { offsetWidth, offsetHeight } = stage;
    const size = { width: `${offsetWidth}px`, height: `${offsetHeight}px`, zoom: String(growth()) };
    if (map().drawn !== false) renderPrintHead(ctx());
    for (const [name, value] of Object.entries(size)) stage.style.setProperty(name, value);
  });
  addEventListener("afterprint", () => ["width", "height", "zoom"].forEach((name) => stage.style.removeProperty(name)));
}
