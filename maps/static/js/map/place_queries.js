// Requests about what is picked or opened: isochrones, explanation, the week, dependents, streets in view.

import { ApiError } from "../base/api_client.js";
import { parseEdits } from "../data/edits.js";
import { boxOf, placeOf } from "./isochrone.js";
import { drawWalk, frame } from "./map.js";

/** In the place of a category: why a service point meets no way, and what would link it. */
export const LINK = "link";

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
  const { why, pick, minutes, profile } = now();
  const [kind, ...rest] = pick.split(":");
  const id = rest.join(":");
  if (!why || !(kind === "building" || (kind === "point" && why === LINK))) return Boolean(had);
  const answer = kind === "point" ? await ask.link({ point: id, profile }) : await ask.explain({ building: id, category: why, minutes, profile });
  if (!same(asked, question())) return false;
  data.why = { ...answer, category: why };
  drawWalk(map, answer.geometry ?? null);
  return true;
}

/** What an open part of the page asks for: loaded while `on`, dropped when closed. */
async function loadOpened({ now, data }, { key, on, question, load }) {
  const asked = [now().district, ...question()];
  if (!on()) {
    const had = data[key];
    data[key] = null;
    return Boolean(had);
  }
  if (data[key] && same(data[key].asked, asked)) return false;
  data[key] = null;
  const answer = await load();
  if (!on() || !same(asked, [now().district, ...question()])) return false;
  data[key] = { ...answer, asked };
  return true;
}

/** The hours of the week of all grids of the level, or of all buildings while one is picked. */
function loadWeek({ ask, now, data }) {
  const by = () => (now().pick.startsWith("building:") ? "building" : data.detail.counts[now().level] ? now().level : "district");
  const on = () => now().week === "1" && now().task !== "beats";
  const question = () => [now().minutes, now().profile, by()];
  return loadOpened({ now, data }, { key: "week", on, question, load: () => ask.week({ minutes: now().minutes, profile: now().profile, by: by() }) });
}

function loadDependents({ ask, now, data }) {
  const on = () => now().depend === "1" && now().task !== "beats";
  const question = () => [now().minutes, now().profile, now().moment];
  return loadOpened({ now, data }, { key: "dependents", on, question, load: () => ask.dependents({ minutes: now().minutes, profile: now().profile }) });
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
  { when: ["week", "pick", "task", "level", "profile", "minutes"], load: loadWeek, drop: { week: "0" } },
  { when: ["depend", "task", "profile", "minutes", "moment"], load: loadDependents, drop: { depend: "0" } },
  { when: ["task", "edits"], load: loadClosed, drop: { edits: "" } },
];
