// What the marks mean: title, unit, classes with their numbers, squares, outlines.

import { COLOURS, rangeText } from "./classes.js";
import { byId, fill, h } from "./dom.js";
import { t, termOf, whole } from "./words.js";

function title({ state, data }) {
  const { categories } = data.detail.standard;
  const category = categories.find((c) => c.id === state.show);
  const n = data.coverage.minutes;
  if (state.show === "count") return t("legend.count", { k: categories.length, n });
  return category ? t("legend.category", { category: termOf(category), n }) : t("legend.all", { k: categories.length, n });
}

const step = (kind, swatch, text, count) => h(`li${kind}`, {}, swatch, h("span", {}, text), h("small", {}, whole(count)));
const mark = (symbol, text, figures) => h("li", {}, symbol, h("span", {}, text), figures ? h("small", {}, figures) : null);

/** What the marks say about where the data comes from. */
function origins({ state, data }) {
  const has = (collection, key, value) => collection?.features.some((f) => f.properties[key] === value);
  const grids = data.grids[state.level];
  return [
    has(grids, "origin", "synthetic") ? mark(h("i.dotted"), t("legend.synthetic")) : null,
    has(grids, "origin", "drawn") ? mark(h("i.outline"), t("legend.drawn")) : null,
    has(data.buildings, "households_source", "estimated") ? mark(h("i.tilde", {}, "≈"), t("legend.estimated")) : null,
  ];
}

/** Draw the legend of `ctx`. */
export function renderLegend({ state, data }) {
  const box = byId("legend");
  box.hidden = !data.counts;
  if (!data.counts) return fill(box);
  const { classes, none, buildings } = data.counts;
  const categories = data.detail.standard.categories.length;
  const figures = (status) => t("legend.squares", { buildings: whole(buildings[status].buildings), households: whole(buildings[status].households) });
  const square = (status, kind) => (buildings[status].buildings && state.squares === "1" ? mark(h(`i.square${kind}`), t(`legend.${status}`), figures(status)) : null);
  return fill(
    box,
    h(
      "p.legend-title",
      {},
      h("b", {}, title({ state, data })),
      h("span", {}, t("legend.units", { unit: t(state.show === "count" ? "legend.unit_count" : "legend.unit_share"), level: t(`level.${state.level}`) })),
    ),
    h(
      "ul.ramp",
      {},
      COLOURS.map((colour, at) => step("", h("i", { style: { background: colour } }), rangeText(at, state.show, categories), classes[at])),
      none ? step(".none", h("i.hatched"), t("legend.no_data"), none) : null,
    ),
    h("ul.marks", {}, square("beyond", ""), square("unlinked", ".hollow"), origins({ state, data })),
  );
}
