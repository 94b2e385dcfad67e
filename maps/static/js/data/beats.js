// Beats as the service counted them: index by worker and by grid, load classes, labels, rows of the roster.

import { NO_CLASS } from "../base/classes.js";
import { count, text } from "../base/columns.js";
import { crossed, plain } from "../base/swatch.js";
import { nameOf, style, t, whole } from "../base/words.js";

export const LOADS = ["light", "met", "heavy"];
export const LOAD_COLOURS = style.load;
/** Classes of a load stand behind those of a change in the grids' state; nobody's ground has its own. */
export const CLASS_OF_LOAD = 20;
export const NOBODY = -4;

export const MARKS = { light: "▼", met: "", heavy: "▲", missing: "" }; // so that colour is never alone

const indexes = new WeakMap();
/** {byWorker, byGrid}: the beats of an answer by worker and by small grid. */
export function indexOf(beats) {
  if (!indexes.has(beats)) {
    const rows = beats.features.map((f) => f.properties);
    indexes.set(beats, {
      byWorker: new Map(rows.map((row) => [row.worker_code, row])),
      byGrid: new Map(rows.flatMap((row) => row.grid_codes.map((code) => [code, row]))),
    });
  }
  return indexes.get(beats);
}

/** The beat that a pick means, itself or by one of its small grids; undefined where there is none. */
export function beatOf(pick, beats) {
  if (!beats) return undefined;
  const { byWorker, byGrid } = indexOf(beats);
  return pick.startsWith("beat:") ? byWorker.get(pick.slice(5)) : byGrid.get(pick.replace(/^grid:/, ""));
}

/** What a click on a small grid means: its beat; within the chosen beat the grid, and back again. */
export function pickIn(code, { state, data }) {
  const beat = beatOf(`grid:${code}`, data.beats);
  const grid = `grid:${code}`;
  if (!beat) return grid;
  const inside = beatOf(state.pick, data.beats) === beat;
  return inside && state.pick !== grid ? grid : `beat:${beat.worker_code}`;
}

export const statusText = (status) => t(`load.${status}`);
export const markedStatus = (status) => `${MARKS[status]} ${statusText(status)}`.trim();

/** A square in the colour of a load, hatched where nobody looks after anybody. */
export const swatch = (status) => (status === "missing" ? crossed() : plain(LOAD_COLOURS[LOADS.indexOf(status)]));

/** Code -> class of each small grid, and how many beats and grids each class has. */
export function classify(grids, beats) {
  const { byGrid } = indexOf(beats);
  const counts = { loads: LOADS.map((status) => beats.lifecircle[status]), nobody: beats.lifecircle.unassigned.grids, none: 0 };
  const classes = grids.features.map(({ properties: { code, households } }) => {
    const beat = byGrid.get(code);
    if (beat) return [code, CLASS_OF_LOAD + LOADS.indexOf(beat.status)];
    if (!households) counts.none += 1;
    return [code, households ? NOBODY : NO_CLASS];
  });
  return { counts, classes };
}

/** What is written on each beat: its households, with a mark where they are too few or too many. */
export const labelsOf = (beats) =>
  beats.features.map(({ properties: { worker_code, households, status, lon, lat } }) => ({
    type: "Feature",
    properties: { worker_code, households, text: `${MARKS[status]} ${whole(households)}`.trim() },
    geometry: { type: "Point", coordinates: [lon, lat] },
  }));

/** Names of large grids, one after the other. */
export function largeNames(codes, { grids }) {
  const names = new Map((grids.large?.features ?? []).map((f) => [f.properties.code, nameOf(f.properties)]));
  return codes.map((code) => names.get(code) || code).join(t("without.comma"));
}

/** Rows of the roster: every beat, and every small grid that has households and no worker. */
export function rosterRows({ beats, grids }) {
  const worked = beats.features.map(({ properties: row }) => ({ ...row, code: row.worker_code, pick: `beat:${row.worker_code}` }));
  const alone = beats.lifecircle.unassigned.named.map((row) => ({
    ...row,
    pick: `grid:${row.code}`,
    worker_code: "",
    large_codes: row.large_code ? [row.large_code] : [],
    grid_codes: [row.code],
    grids: 1,
    parts: 1,
    status: "missing",
  }));
  return [...worked, ...alone].map((row) => ({ ...row, large: largeNames(row.large_codes, { grids }) }));
}

/** Columns of the roster. */
export function rosterColumns() {
  return [
    { ...text("code", t("column.worker"), (r) => r.worker_code), show: (v) => v || statusText("missing") },
    text("name", t("column.large"), (r) => r.large),
    count("grids", t("column.grids"), (r) => r.grids),
    count("buildings", t("column.buildings"), (r) => r.buildings),
    count("households", t("column.households"), (r) => r.households),
    text("status", t("column.status"), (r) => markedStatus(r.status)),
    count("pieces", t("column.pieces"), (r) => r.parts),
    text("grid_codes", t("column.grid_codes"), (r) => r.grid_codes.join(" ")),
  ];
}
