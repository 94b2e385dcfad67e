// Requests about one place: isochrones, explanation, streets in view.

import { ApiError } from "../base/api_client.js";
import { parseEdits } from "../data/edits.js";
import { boxOf, placeOf } from "./isochrone.js";
import { drawWalk, frame } from "./map.js";

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What the service refuses is told where it was asked for; only a service that is gone is an error. */
function refused(error) {
  if (!(error instanceof ApiError) || error.status === 0) throw error;
  return { features: [], fault: error.detail || error.title };
}

/** The isochrone that the state asks for; null where it asks for none or asks for another by now. */
async function loadIsochrone({ map, ask, now, data }) {
  const question = () => [now().district, now().iso, now().isodir, now().profile, now().moment];
  const asked = question();
  const had = data.isochrone;
  data.isochrone = null;
  if (!now().iso) return Boolean(had);
  const place = placeOf(now().iso);
  const found = await ask.isochrones({ place, minutes: data.detail.standard.minutes, profile: now().profile, direction: now().isodir }).catch(refused);
  if (!same(asked, question())) return false;
  data.isochrone = found;
  const box = boxOf(found);
  const seen = map.getBounds();
  if (box && !(seen.contains([box[0], box[1]]) && seen.contains([box[2], box[3]]))) frame(map, box);
  return true;
}

/** Why the picked building is not covered in a category, with its walk drawn. */
async function loadWhy({ map, ask, now, data }) {
  const question = () => [now().district, now().pick, now().why, now().profile, now().minutes, now().moment];
  const asked = question();
  const had = data.why;
  data.why = null;
  if (!now().why || !now().pick.startsWith("building:")) return Boolean(had);
  const answer = await ask.explain({ building: now().pick.slice(9), category: now().why, minutes: now().minutes, profile: now().profile });
  if (!same(asked, question())) return false;
  data.why = { ...answer, category: now().why };
  drawWalk(map, answer.geometry);
  return true;
}

const FEW_STREETS = 4000; // so many can be asked for at once, from however far
const NEAR_ZOOM = 14.5;

/** Streets in sight, for closing one; what is loaded stays. */
export async function loadStreets({ map, ask, data, box = map.getBounds().toArray().flat() }) {
  data.streetsFar = data.detail.counts.walk_edges > FEW_STREETS && map.getZoom() < NEAR_ZOOM;
  if (data.streetsFar) return true;
  let found;
  try {
    found = await ask.streets(box.map((degrees) => Number(degrees.toFixed(5))));
  } catch (error) {
    if (error.status !== 400) throw error; // too many of them: the reader has to go nearer
    data.streetsFar = true;
    return true;
  }
  for (const street of found.features) data.streets.set(street.properties.edge_id, street);
  map.getSource("streets").setData({ type: "FeatureCollection", features: [...data.streets.values()] });
  return true;
}

/** Streets of the whole district, when one that is closed in a link has not been seen yet. */
function loadClosed({ now, data, ...given }) {
  const unknown = now().task === "whatif" && parseEdits(now().edits).some((edit) => edit.op === "close_street" && !data.streets.has(edit.edge_id));
  return unknown && loadStreets({ ...given, data, box: data.detail.bbox });
}

/** The keys of the state that ask anew, how it is asked, and the change that stops asking. */
export const PLACE_QUERIES = [
  { when: ["iso", "isodir", "profile", "moment"], load: loadIsochrone, drop: { iso: "" } },
  { when: ["why", "pick", "profile", "minutes", "moment"], load: loadWhy, drop: { why: "" } },
  { when: ["task", "edits"], load: loadClosed, drop: { edits: "" } },
];
