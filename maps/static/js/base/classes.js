// Choropleth classes of coverage: class of a share, its colour and its range in words. The breaks come with the page.

import { decimal, style, t } from "./words.js";

export const EDGES = style.coverage.edges;
export const COLOURS = style.coverage.colours;
export const NO_CLASS = -1;

/** Class of a share 0..1: edges[i] <= share < edges[i + 1]; the last includes 1. */
export function classOf(share) {
  if (share === null || share === undefined || Number.isNaN(share)) return NO_CLASS;
  let at = 0;
  while (at < COLOURS.length - 1 && share >= EDGES[at + 1]) at += 1;
  return at;
}

/** The share of a row that colours its grid: of everyone, of one category, or of the count. */
export function shareOf(row, show, categories) {
  if (show === "all") return row.coverage_all;
  if (show === "count") return row.households > 0 ? row.count_mean / Math.max(categories, 1) : null;
  return row.categories[show]?.coverage ?? null;
}

/** The edges as a reader sees them: per cent, or number of categories. */
export function rangeText(at, show, categories) {
  if (show === "count") {
    const edge = (value) => decimal(value * categories, Number.isInteger(value * categories) ? 0 : 1);
    return t("legend.range", { from: edge(EDGES[at]), to: edge(EDGES[at + 1]) });
  }
  return t("legend.range_percent", { from: EDGES[at] * 100, to: EDGES[at + 1] * 100 });
}
