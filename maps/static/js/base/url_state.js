// State of the page as one flat record in the URL fragment: parse, validate, write, notify listeners.

import { MOMENT } from "./gate_hours.js";

export const DEFAULTS = Object.freeze({
  lang: "", // zh | en; empty: as the server chose
  district: "", // code; empty: the first one
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
  squares: "1",
  ground: "1",
  table: "0",
  at: "", // zoom/lat/lon of the map; empty: the whole district
});

/** Whether a text is a threshold that the service takes, minutes. */
export const isThreshold = (minutes) => Number(minutes) >= 1 && Number(minutes) <= 120;

const TASKS = ["view", "gaps", "whatif", "beats"];

/** What goes together: beats are of small grids, and beside them there are no walks and no gaps. */
function settled(state) {
  const beats = state.task === "beats";
  const next = beats ? { ...state, level: "small", iso: "", why: "", gap: "" } : { ...state };
  if (!(beats ? /^(beat|grid):/ : /^(?!beat:)/).test(next.pick)) next.pick = "";
  return next;
}

/** Read a fragment; unknown keys are left out. */
export function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS)) if (given.has(key)) state[key] = given.get(key);
  if (!isThreshold(state.minutes)) state.minutes = DEFAULTS.minutes;
  if (!["small", "medium", "large"].includes(state.level)) state.level = DEFAULTS.level;
  if (!TASKS.includes(state.task)) state.task = DEFAULTS.task;
  if (!/^-?[\d.]+,-?[\d.]+$/.test(state.iso)) state.iso = "";
  if (!MOMENT.test(state.moment)) state.moment = "";
  if (state.isodir !== "to") state.isodir = "from";
  return settled(state);
}

/** Write what differs from the defaults. */
export function format(state) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value !== DEFAULTS[key]) out.set(key, value);
  return out.size ? `#${out}` : "";
}

/** A record with listeners. `set` merges a change and tells everyone which keys it touched. */
export function createState() {
  let now = parse(location.hash);
  const listeners = [];
  const tell = (next) => {
    const changed = new Set(Object.keys(DEFAULTS).filter((key) => next[key] !== now[key]));
    if (!changed.size) return;
    now = next;
    for (const listener of listeners) listener(now, changed);
  };
  addEventListener("hashchange", () => tell(parse(location.hash)));
  return {
    get now() {
      return now;
    },
    onChange(listener) {
      listeners.push(listener);
    },
    set(change) {
      let next = { ...now };
      // What hangs on the picked thing goes with it.
      if ((change.pick ?? now.pick) !== now.pick) [next.iso, next.why] = ["", ""];
      for (const [key, value] of Object.entries(change)) next[key] = String(value);
      next = settled(next);
      history.replaceState(null, "", `${location.pathname}${location.search}${format(next)}`);
      tell(next);
    },
  };
}
