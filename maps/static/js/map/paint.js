// Redraw of the map from the loaded values: classes, statuses, edits, isochrone, remedy; returns the counts of the legend.

import { beatOf } from "../data/beats.js";
import { parseEdits } from "../data/edits.js";
import { drawIsochrone, placeOf } from "./isochrone.js";
import * as maps from "./map.js";
import { drawMoved, drawEdits } from "./edit_pins.js";
import { movedBuildings, paintBeats, paintBuildings, paintChange, paintGrids } from "../data/feature_state.js";
import { drawRemedy, remedyOf } from "./explanation.js";
import { dependentRows, discs } from "../data/dependents.js";

/** The building, service point or place that is picked, as a feature. */
function pickedSpot({ state, data }) {
  const [kind, ...rest] = state.pick.split(":");
  if (kind === "place") return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: placeOf(rest[0]) } };
  const [features, key] = { building: [data.buildings, "building_id"], point: [data.points, "point_id"] }[kind] ?? [];
  return features?.features.find((f) => f.properties[key] === rest.join(":"));
}

function countMoved(moved) {
  const counts = { gained: { buildings: 0, households: 0 }, lost: { buildings: 0, households: 0 } };
  for (const { row, kind } of moved) {
    counts[kind].buildings += 1;
    counts[kind].households += row.households;
  }
  return counts;
}

/** Colour the grids, mark the buildings; returns how many there are of each. */
function paint(map, { state: { task, level, show }, data }) {
  if (task === "beats") {
    drawMoved(map, []);
    return data.beats ? paintBeats(map, data.grids.small, data.beats) : null;
  }
  const { thresholds, rows, judged, without_points: without } = data.coverage;
  const question = { show, thresholds, judged, without };
  const buildings = paintBuildings(map, data.times.rows, question);
  const moved = movedBuildings(data.changed ?? [], question);
  drawMoved(map, moved);
  if (data.before) return { ...paintChange(map, level, rows, { show }), moved: countMoved(moved), buildings };
  return { ...paintGrids(map, level, rows, { show, categories: judged.length, without }), buildings };
}

/** What counts in no category and is no public service: drawn when asked for. */
const uncounted = ({ beside }) => beside.map((group) => group.id).filter((id) => id !== "public");

/** Draw `ctx` on the map; returns the counts that the legend tells. */
export function drawMap(map, ctx) {
  const { state, data, movePin, showEdit } = ctx;
  const { level, show, points, squares, ground } = state;
  const counts = paint(map, ctx);
  const beats = state.task === "beats"; // another question: who can walk to what is left out
  maps.showLevel(map, level);
  maps.showBeats(map, beats ? data.beats : null, beatOf(state.pick, data.beats)?.worker_code);
  maps.showMarks(map, { points: points === "1" && !beats, squares: squares === "1" && !beats, ground: ground === "1", category: ["all", "count"].includes(show) ? null : show, hidden: state.amenity === "1" ? [] : uncounted(data.detail.standard) });
  maps.outline(map, level, state.pick.startsWith("grid:") ? state.pick.slice(5) : "");
  maps.ring(map, pickedSpot(ctx));
  maps.label(map, data.grids.large, { withCode: level === "large" });
  drawEdits(map, state.task === "whatif" ? parseEdits(state.edits) : [], { data, fault: data.fault, onMove: movePin, onChoose: showEdit });
  drawIsochrone(map, data.isochrone, state.iso ? placeOf(state.iso) : null);
  drawRemedy(map, state.why ? remedyOf(data.why) : null, data.gates);
  maps.show(map, "dependents", data.dependents && !data.before && !beats ? discs(dependentRows(data, state.show)) : []);
  return counts;
}
