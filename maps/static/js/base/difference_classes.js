// Diverging classes of a change in coverage: class of a difference, its range in words, signed numbers.

import { decimal, style, t } from "./words.js";

export const CHANGE_COLOURS = style.change.colours;
const EDGES = style.change.edges;
/** Classes of a change stand behind those of a value in the grids' state; a blank has its own. */
export const CLASS_OF_CHANGE = 10;
export const BLANK = -3;
const HALF = CHANGE_COLOURS.length / 2;

/** Class 0.. of a change of a share, from most lost to most gained; null where nothing changed. */
export function changeClass(change) {
  if (!change) return null;
  const step = EDGES.filter((edge) => Math.abs(change) > edge + 1e-9).length;
  return change < 0 ? HALF - 1 - step : HALF + step;
}

/** A class as its reader sees it: percentage points with a sign. */
export function changeText(at) {
  const gain = at >= HALF;
  const step = gain ? at - HALF : HALF - 1 - at;
  const [near, far] = [EDGES[step - 1] ?? 0, EDGES[step] ?? 1].map((edge) => signed(Math.round(edge * 100) * (gain ? 1 : -1)));
  if (step === EDGES.length) return t("change.beyond", { sign: gain ? ">" : "<", edge: near });
  return gain ? t("change.range", { from: near, to: far }) : t("change.range", { from: far, to: near });
}

/** The question whose change is shown: a mean number of categories has none of its own. */
export const changeOf = (show) => (show === "count" ? "all" : show);
export const shareChange = (row, show) => {
  const moved = row.changes?.[changeOf(show)];
  return moved && moved.coverage_after !== null && moved.coverage_before !== null ? moved.coverage_after - moved.coverage_before : 0;
};

/** A difference with its sign; nothing is a plain 0. */
export const signed = (value, digits = 0) => (value > 0 ? "+" : value < 0 ? "−" : "") + decimal(Math.abs(value), digits);
/** A change of a share, in percentage points. */
export const signedPoints = (change) => signed(change * 100, 1);
