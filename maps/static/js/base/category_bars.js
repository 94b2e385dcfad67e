// Bar chart of the service categories: one row per category with badge, bar and share.

import { h } from "./dom.js";
import { badgeColours, badgeText } from "./marks.js";
import { percent, t, termOf } from "./words.js";

/** A category's badge as an element; `position` as in `badgeColours`. */
export function badge(category, position) {
  const { fill, ink } = badgeColours(position);
  return h("i.badge", { style: { "--fill": fill, "--ink": ink }, "aria-hidden": "true" }, badgeText(category));
}

/** A bar filled to `share` (0..1), with an optional tick; decoration: the number stands beside it. */
export const bar = (share, { tick = null, weak = false } = {}) =>
  h(
    `span.bar${weak ? ".weak" : ""}`,
    { "aria-hidden": "true" },
    h("span", { style: { width: `${Math.max(0, Math.min(1, share ?? 0)) * 100}%` } }),
    tick === null ? null : h("em", { style: { left: `${tick * 100}%` } }),
  );

/** Coverage of each category of a row, one bar each; the one on the map is marked, those `without` any point say so. */
export function coverageBars(categories, row, { shown = "", without = [] } = {}) {
  return h(
    "ul.bars",
    {},
    categories.map((category, at) => {
      const { coverage } = row.categories[category.id] ?? { coverage: null };
      return h("li", { "data-category": category.id, "aria-current": category.id === shown ? "true" : null }, badge(category, at), h("span.name", {}, termOf(category)), bar(coverage), share(category, coverage, without));
    }),
  );
}

/** A share in words; "no points" where the data has no point of the category at all. */
export const share = (category, coverage, without) =>
  without.includes(category.id) ? h("b.without", {}, t("without.cell")) : h("b", {}, percent(coverage));

/** The category with the lowest coverage of a row among those that have points; null where everybody reaches all. */
export function worst(categories, row, without = []) {
  const known = categories.filter((c) => row.categories[c.id]?.coverage != null && row.categories[c.id].coverage < 1 && !without.includes(c.id));
  if (!known.length) return null;
  return known.reduce((low, c) => (row.categories[c.id].coverage < row.categories[low.id].coverage ? c : low));
}
