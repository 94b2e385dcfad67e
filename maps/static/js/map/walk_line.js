// One walk on the map: from a building to its nearest service point of a category.

import { drawWalk } from "./map.js";

let chosen = null; // {point, category, metres}; metres come with the answer

export const walkNow = () => chosen;
export const isWalk = (point, category) => chosen?.point === point && chosen.category === category;

/** Take the walk off the map. */
export function dropWalk(map) {
  chosen = null;
  drawWalk(map, null);
}

/** Ask for a walk and draw it; false when another was chosen meanwhile. */
export async function showWalk(map, ask, { row, points, profile, point, category }) {
  chosen = { point, category, metres: null };
  const to = points.features.find((f) => f.properties.point_id === point).geometry.coordinates;
  const answer = await ask.walk({ from: [row.lon, row.lat], to, profile });
  if (!isWalk(point, category)) return false;
  chosen.metres = answer.metres + answer.leg_from_m + answer.leg_to_m; // the whole way, door to door
  drawWalk(map, answer.geometry);
  return true;
}
