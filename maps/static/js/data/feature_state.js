// Feature state of the map: coverage class per grid, status per building at the threshold, counts for the legend.

import { classify } from "./beats.js";
import { BLANK, CHANGE_COLOURS, changeClass, changeOf, CLASS_OF_CHANGE, shareChange } from "../base/difference_classes.js";
import { classOf, NO_CLASS, shareOf, COLOURS } from "../base/classes.js";
import { limitOf } from "../base/threshold.js";

/** Set one value of a feature; most stay what they were, and cost nothing. */
function mark(map, source, id, key, value) {
  if (map.getFeatureState({ source, id })[key] !== value) map.setFeatureState({ source, id }, { [key]: value });
}

/** Colour the grids of a level; returns how many fell into each class and into none. */
export function paintGrids(map, level, rows, { show, categories, without }) {
  const counts = { classes: COLOURS.map(() => 0), none: 0 };
  for (const row of rows) {
    const cls = classOf(without.includes(show) ? null : shareOf(row, show, categories));
    if (cls === NO_CLASS) counts.none += 1;
    else counts.classes[cls] += 1;
    mark(map, `grids-${level}`, row.code, "cls", cls);
  }
  return counts;
}

/** Colour the grids of a level by how much their share changed; no change is blank. */
export function paintChange(map, level, rows, { show }) {
  const counts = { change: CHANGE_COLOURS.map(() => 0), zero: 0, none: 0 };
  for (const row of rows) {
    const change = changeClass(shareChange(row, show));
    let cls = BLANK;
    if (row.households === 0) [cls, counts.none] = [NO_CLASS, counts.none + 1];
    else if (change === null) counts.zero += 1;
    else [cls, counts.change[change]] = [CLASS_OF_CHANGE + change, counts.change[change] + 1];
    mark(map, `grids-${level}`, row.code, "cls", cls);
  }
  return counts;
}

/** Colour the small grids by the load of their beats. */
export function paintBeats(map, grids, beats) {
  const { counts, classes } = classify(grids, beats);
  for (const [code, cls] of classes) mark(map, "grids-small", code, "cls", cls);
  return counts;
}

/** Who comes to be covered and who ceases to be, of the buildings that a scenario changes. */
export function movedBuildings(changed, { show, ...by }) {
  const question = changeOf(show);
  const covered = (row) => buildingStatus(row, question, by) === "covered";
  return changed
    .filter((row) => row.households > 0 && covered(row) !== covered(row.base))
    .map((row) => ({ row, kind: covered(row) ? "gained" : "lost" }));
}

/**
 * Status of one category of a building at the `threshold_s` that came with the coverage: walking
 * times are compared here, so another threshold needs no other times. It is inclusive.
 */
export function statusOf(cell, threshold_s) {
  if (!cell || cell.status === "unlinked") return "unlinked";
  return cell.time_s !== null && cell.time_s <= threshold_s ? "covered" : "beyond";
}

/**
 * Status of a building for what is shown: one category, or whether it lacks at least one that is
 * judged. Of a category `without` any point nobody is known to lack it.
 */
export function buildingStatus(row, show, { thresholds, judged, without = [] }) {
  const status = (category) => statusOf(row.categories[category], limitOf(thresholds, category));
  if (without.includes(show)) return "covered";
  if (row.categories[show]) return status(show);
  const all = judged.map(status);
  if (all.length && all.every((each) => each === "unlinked")) return "unlinked";
  return all.every((each) => each === "covered") ? "covered" : "beyond";
}

/** Mark the buildings where somebody lives and something is missing; returns counts by status. */
export function paintBuildings(map, rows, { show, ...by }) {
  const counts = { beyond: { buildings: 0, households: 0 }, unlinked: { buildings: 0, households: 0 } };
  for (const row of rows) {
    const status = row.households > 0 ? buildingStatus(row, show, by) : "covered";
    if (counts[status]) {
      counts[status].buildings += 1;
      counts[status].households += row.households;
    }
    mark(map, "buildings", row.building_id, "status", status);
  }
  return counts;
}
