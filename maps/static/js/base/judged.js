// Which categories "all" stands for: those of which the data has any service point; of the others nothing is known.

import { t, termOf } from "./words.js";

/** {judged, missing}: the categories of the standard that can be judged, and the others. */
export function judgedOf({ detail, coverage }) {
  const known = new Set(coverage.judged);
  const { categories } = detail.standard;
  return { judged: categories.filter((c) => known.has(c.id)), missing: categories.filter((c) => !known.has(c.id)) };
}

/** End of the key of a text about all k categories: "all", or "judged" where not every one can be judged. */
export const whichOf = (data) => (judgedOf(data).missing.length ? "judged" : "all");

/** The names of categories, one after the other. */
export const listed = (categories) => categories.map(termOf).join(t("without.comma"));
