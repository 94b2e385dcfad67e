// The threshold of the figures in words.

import { t, whole } from "./words.js";

function span(values, write) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? write(low) : `${write(low)}–${write(high)}`;
}

/** Minutes `n` and `metres` for texts: of one category, or from the least to the most of those that are judged. */
export function within({ thresholds, judged }, category) {
  const ids = category ? [category.id] : judged.length ? judged : Object.keys(thresholds);
  const each = ids.map((id) => thresholds[id]);
  return { n: span(each.map((one) => one.minutes), String), metres: span(each.map((one) => one.metres), whole) };
}

/** What is said behind a figure of several categories, each by its own minutes; empty otherwise. */
export const eachOwn = ({ tier }, category) => (tier && !category ? t("within.own") : "");
