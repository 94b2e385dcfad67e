// State of the page as one flat record in the URL fragment: parse, validate, write, notify listeners, go back.

import { MOMENT } from "./gate_hours.js";
import { OWN } from "./threshold.js";

export const DEFAULTS = Object.freeze({
  lang: "", // zh | en; empty: as the server chose
  district: "", // code; empty: the first one
  as_of: "", // revision or day (2026-03-01) that is shown; empty: as it is now
  profile: "", // id; empty: the standard's first
  minutes: "15",
  moment: "", // weekday and hour that gates are as of, as "Tu 22:00"; empty: hours count for nothing
  level: "small", // small | medium | large
  show: "all", // all | count | a category's id
  task: "view", // view | gaps | whatif | beats
  pick: "", // grid:CODE | beat:WORKER | building:ID | point:ID | place:LON,LAT
  edits: "", // what is tried, in the short writing of edits.js
  iso: "", // lon,lat of the isochrone's origin
  isodir: "from", // from | to
  why: "", // category that the picked building is asked about
  gap: "", // row:CATEGORY:CODE | area:CATEGORY:ID
  gapcat: "", // filter of the gap list: a category's id, all, or empty for every category
  gapby: "grid", // grid | area
  points: "1",
  amenity: "0", // points that meet the need of no category, but for public services
  squares: "1",
  ground: "1",
  week: "0", // whether the cards show the hours of the week
  depend: "0", // whether the map shows who depends on which point
  table: "0",
  at: "", // zoom/lat/lon of the map; empty: the whole district
});

/** Changes that "back" takes back; the others (view of the map, layers, language) change the same step. */
const STEPS = ["district", "as_of", "profile", "minutes", "moment", "level", "show", "task", "pick", "edits", "iso", "why", "gap", "gapcat"];
/** What stays as it is now when somebody goes back. */
const KEPT = ["lang", "points", "amenity", "squares", "ground", "week", "depend", "table", "gapby"];

/** Whether a text is a threshold that the service takes, minutes. */
export const isThreshold = (minutes) => Number(minutes) >= 1 && Number(minutes) <= 120;

/** Whether a text is a revision or a day of the calendar. */
export function isMoment(text) {
  if (/^\d{1,12}$/.test(text)) return true;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`);
  return Boolean(day) && day.getUTCFullYear() > 0 && day.toISOString().startsWith(text);
}

/** Whether a text is "lon,lat", degrees. */
export function isPlace(text) {
  const [lon, lat, ...rest] = text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return !rest.length && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

/** Whether a text is "zoom/lat/lon" of a map in Web Mercator. */
export function isView(text) {
  const [zoom, lat, lon, ...rest] = text.split("/").map((part) => (part.trim() ? Number(part) : NaN));
  return !rest.length && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
}

const among = (...words) => (text) => words.includes(text);
const isPick = (text) => /^(grid|beat|building|point):./.test(text) || (text.startsWith("place:") && isPlace(text.slice(6)));

/** Key -> whether a text can be its value; what depends on the district is looked at when that is known. */
const READABLE = {
  lang: among("zh", "en"),
  district: (text) => /^[\w-]{1,64}$/.test(text),
  as_of: isMoment,
  minutes: (text) => text === OWN || isThreshold(text),
  moment: (text) => MOMENT.test(text),
  level: among("small", "medium", "large"),
  task: among("view", "gaps", "whatif", "beats"),
  pick: isPick,
  iso: isPlace,
  isodir: among("from", "to"),
  gap: (text) => /^(row|area):[^:]+:./.test(text),
  gapby: among("grid", "area"),
  points: among("0", "1"),
  amenity: among("0", "1"),
  squares: among("0", "1"),
  ground: among("0", "1"),
  week: among("0", "1"),
  depend: among("0", "1"),
  table: among("0", "1"),
  at: isView,
};

/** What goes together: beats are of small grids, and beside them there are no walks and no gaps; the past is not edited. */
function settled(state) {
  const next = { ...state };
  if (next.as_of && next.task === "whatif") next.task = "view";
  if (next.as_of) next.edits = "";
  const beats = next.task === "beats";
  if (beats) Object.assign(next, { level: "small", iso: "", why: "", gap: "" });
  if (!(beats ? /^(beat|grid):/ : /^(?!beat:)/).test(next.pick)) next.pick = "";
  return next;
}

/** Read a fragment: {state, dropped}, the latter a list of [key, text] that mean nothing here. */
export function parse(hash) {
  const state = { ...DEFAULTS };
  const dropped = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!(key in DEFAULTS) || (text && READABLE[key] && !READABLE[key](text))) dropped.push([key, text]);
    else state[key] = text || DEFAULTS[key];
  }
  if (state.as_of && state.edits) dropped.push(["edits", state.edits]);
  return { state: settled(state), dropped };
}

/** Write what differs from the defaults. */
export function format(state) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value !== DEFAULTS[key]) out.set(key, value);
  return out.size ? `#${out}` : "";
}

/**
 * A record with listeners. `set` merges a change and tells everyone which keys it touched; each press
 * is one step of the browser's history, what follows from it by itself (`follow`) is none.
 */
export function createState() {
  let { state: now, dropped } = parse(location.hash);
  let tellDropped = () => {};
  const listeners = [];
  const write = (next, push) => history[push ? "pushState" : "replaceState"]({ ours: true }, "", `${location.pathname}${location.search}${format(next)}`);
  const tell = (next, more = {}) => {
    const changed = new Set(Object.keys(DEFAULTS).filter((key) => next[key] !== now[key]));
    if (!changed.size) return;
    const before = now;
    now = next;
    for (const listener of listeners) listener(now, changed, { before, ...more });
  };
  const change = (changes, { follow = false } = {}) => {
    let next = { ...now };
    // What hangs on the picked thing goes with it.
    if ((changes.pick ?? now.pick) !== now.pick) [next.iso, next.why] = ["", ""];
    for (const [key, value] of Object.entries(changes)) next[key] = String(value);
    next = settled(next);
    write(next, !follow && STEPS.some((key) => next[key] !== now[key]));
    tell(next);
  };
  addEventListener("hashchange", () => {
    const back = history.state?.ours === true; // a step of ours, not an address that somebody wrote
    const read = parse(location.hash);
    if (back) for (const key of KEPT) read.state[key] = now[key];
    write(read.state, false);
    tell(read.state, { travelled: true });
    tellDropped(read.dropped);
  });
  write(now, false);
  return {
    get now() {
      return now;
    },
    /** Call `listener` with what of an address cannot be read, the first one's at once. */
    onDropped(listener) {
      tellDropped = listener;
      listener(dropped);
      dropped = [];
    },
    onChange(listener) {
      listeners.push(listener);
    },
    set: (changes) => change(changes),
    follow: (changes) => change(changes, { follow: true }),
  };
}
