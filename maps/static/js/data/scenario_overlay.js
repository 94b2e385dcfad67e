// Coverage after a scenario: the base rows with the changed times and figures of the answer laid over them.

import { statusOf } from "./feature_state.js";
import { limitOf } from "../base/threshold.js";

/** Keep what the last call made while it is given the same things. */
function once(make) {
  let given = [];
  let made = null;
  return (...now) => {
    if (now.length !== given.length || now.some((each, at) => each !== given[at])) [given, made] = [now, make(...now)];
    return made;
  };
}

/** Building -> its codes at each level that is loaded. */
const placesOf = once((buildings, small, medium) => {
  const parents = new Map([...(small?.features ?? []), ...(medium?.features ?? [])].map((f) => [f.properties.code, f.properties.parent_code]));
  return new Map(
    (buildings?.features ?? []).map(({ properties }) => {
      const of = parents.get(properties.small);
      return [properties.building_id, { small: properties.small, medium: of, large: parents.get(of) }];
    }),
  );
});

function timesAfter(times, answer) {
  const changed = new Map();
  const byId = new Map(times.rows.map((row) => [row.building_id, row]));
  for (const each of answer.buildings) {
    const base = byId.get(each.building_id);
    if (!base) continue;
    const row = changed.get(each.building_id) ?? { ...base, categories: { ...base.categories }, base };
    row.categories[each.category] = { time_s: each.after_s, point_id: null, to: each.after_point, status: each.status_after, was: each.before_s };
    changed.set(each.building_id, row);
  }
  return { changed: [...changed.values()], times: { ...times, rows: times.rows.map((row) => changed.get(row.building_id) ?? row) } };
}

/** A row with the figures that differ put in; `changes` keeps the answer's own rows by category. */
function rowAfter(row, moved) {
  if (!moved) return row;
  const after = { ...row, categories: { ...row.categories }, changes: {} };
  for (const each of moved) {
    after.changes[each.category] = each;
    if (each.category === "all") [after.covered_all, after.coverage_all] = [each.after, each.coverage_after];
    else after.categories[each.category] = { covered: each.after, coverage: each.coverage_after };
  }
  return after;
}

const reached = (row, thresholds) => Object.entries(row.categories).filter(([id, cell]) => statusOf(cell, limitOf(thresholds, id)) === "covered").length;
const unlinked = (row) => Object.values(row.categories).every((cell) => cell.status === "unlinked");

/** Move a building's households between the numbers of categories reached. */
export function recount(row, { base, ...now }, thresholds) {
  const [before, after] = [reached(base, thresholds), reached(now, thresholds)];
  row.unlinked += (unlinked(now) - unlinked(base)) * now.households;
  if (before === after) return;
  row.count = [...row.count];
  row.count[before] -= now.households;
  row.count[after] += now.households;
  if (row.households) row.count_mean = row.count.reduce((sum, households, k) => sum + households * k, 0) / row.households;
}

/** How many reach how many is not known when the answer leaves changed buildings out. */
const uncounted = (row) => ({ ...row, count: null, count_mean: null });

function coverageAfter(coverage, answer, changed, places) {
  const filled = new Set(answer.total.filter((each) => each.after > 0).map((each) => each.category));
  const without = coverage.without_points.filter((id) => !filled.has(id));
  const of = Map.groupBy(answer.changes, (each) => each.code);
  const rows = coverage.rows.map((row) => rowAfter(row, of.get(row.code)));
  const total = { ...rowAfter(coverage.total, answer.total) };
  if (answer.buildings_cut) return { ...coverage, rows: rows.map(uncounted), total: uncounted(total), without_points: without };
  const at = new Map(rows.map((row, number) => [row.code, number]));
  for (const building of changed) {
    recount(total, building, coverage.thresholds);
    const number = at.get(places.get(building.building_id)?.[coverage.by]);
    if (number === undefined) continue;
    if (rows[number] === coverage.rows[number]) rows[number] = { ...rows[number] };
    recount(rows[number], building, coverage.thresholds);
  }
  return { ...coverage, rows, total, without_points: without };
}

const laid = once((answer, coverage, times, buildings, small, medium) => {
  const after = timesAfter(times, answer);
  return { before: coverage, times: after.times, changed: after.changed, coverage: coverageAfter(coverage, answer, after.changed, placesOf(buildings, small, medium)) };
});

/** `data` as it would be after its answer: coverage and times replaced, the base kept as `before`. */
export const overlay = (data) => ({ ...data, ...laid(data.answer, data.coverage, data.times, data.buildings, data.grids.small, data.grids.medium) });
