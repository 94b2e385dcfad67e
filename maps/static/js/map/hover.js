// Bounding boxes of grids, and the tooltip of what is under the pointer.

import { beatOf, statusText } from "../data/beats.js";
import { shareChange, signedPoints } from "../base/difference_classes.js";
import { shareOf } from "../base/classes.js";
import { decimal, nameOf, percent, t, whole } from "../base/words.js";

function* coordinates(value) {
  if (typeof value[0] === "number") yield value;
  else for (const part of value) yield* coordinates(part);
}

/** Code -> [west, south, east, north] of each grid, or of what else has a `key`. */
export function boxesOf(collection, key = "code") {
  return new Map(
    collection.features.map((f) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const [x, y] of coordinates(f.geometry.coordinates)) {
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      }
      return [f.properties[key], box];
    }),
  );
}

/** Whether a box meets the map's bounds. */
export const touches = (box, bounds) =>
  Boolean(box) && box[0] <= bounds.getEast() && bounds.getWest() <= box[2] && box[1] <= bounds.getNorth() && bounds.getSouth() <= box[3];

/** The line for the beat that a small grid is in. */
function beatTooltip(code, { beats, grids }) {
  const row = grids.small?.features.find((f) => f.properties.code === code)?.properties;
  const beat = beatOf(`grid:${code}`, beats);
  if (beat) return t("peek.load", { beat: t("peek.beat", { post: beat.post_name || beat.worker_code, grids: whole(beat.grids), households: whole(beat.households) }), status: statusText(beat.status) });
  return row?.households ? t("peek.nobody", { name: nameOf(row) || code, households: whole(row.households) }) : "";
}

/** The line for what lies under the pointer; empty where nothing does. */
export function tooltipText(hit, { data, show, task }) {
  if (!hit) return "";
  if (task === "beats") return hit.kind === "grid" ? beatTooltip(hit.id, data) : "";
  if (hit.kind === "point") {
    const point = data.points?.features.find((f) => f.properties.point_id === hit.id);
    return point ? point.properties.name || t("inspector.unnamed") : "";
  }
  if (hit.kind === "building") {
    const row = data.times?.rows.find((r) => r.building_id === hit.id);
    return row ? t("peek.building", { id: row.building_id, households: whole(row.households) }) : "";
  }
  const row = data.coverage?.rows.find((r) => r.code === hit.id);
  if (!row) return "";
  const value = data.coverage.without_points.includes(show) ? t("without.cell") : show === "count" ? (row.households ? decimal(row.count_mean) : "–") : percent(shareOf(row, show, data.coverage.judged.length));
  if (row.changes) return t("peek.change", { name: nameOf(row) || row.code, value, points: signedPoints(shareChange(row, show)), households: whole(row.households) });
  return t("peek.grid", { name: nameOf(row) || row.code, value, households: whole(row.households) });
}
