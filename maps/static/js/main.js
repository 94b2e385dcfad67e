// Puts the page together: the URL's state in, questions to the server, every view drawn from both.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { findGap, renderGaps } from "./gaps.js";
import { renderHeadline } from "./headline.js";
import { renderInspector } from "./inspector.js";
import { LEVELS } from "./layers.js";
import { renderLegend } from "./legend.js";
import * as maps from "./map.js";
import { quiet, sayEmpty, sayError, working } from "./notice.js";
import { renderView } from "./panel.js";
import { around, boxesOf, peekText, touches } from "./sight.js";
import { createState } from "./state.js";
import { renderTable, wireTable } from "./table.js";
import { renderTopbar, wireTopbar } from "./topbar.js";
import { paintBuildings, paintGrids } from "./values.js";
import { dropWalk, isWalk, showWalk, walkNow } from "./walk.js";
import { nameOf, speak, t } from "./words.js";

const state = createState();
const root = document.documentElement;
const nothing = () => ({ detail: null, grids: {}, boxes: {}, points: null, buildings: null, pointNames: new Map(), coverage: null, times: null, gaps: null, counts: null });
let data = { districts: null, ...nothing() };
let map = null;
let ask = null;
let turn = 0; // answers to an older question are dropped

const ctx = () => ({ state: state.now, data, map, ask, walk: walkNow(), set: state.set, rerender: render, zoom, walkTo: (...given) => attempt(() => walkTo(...given), endWalk), inSight });

function render() {
  const now = ctx();
  renderTopbar(now);
  for (const button of document.querySelectorAll("[data-task]")) button.setAttribute("aria-pressed", String(button.dataset.task === state.now.task));
  renderHeadline(now);
  if (state.now.task === "gaps") renderGaps(now);
  else renderView(now);
  renderInspector(now);
  renderLegend(now);
  renderTable(now);
  byId("credits").textContent = (data.detail?.credits ?? []).join(" · ");
  byId("synthetic").hidden = !data.detail?.synthetic;
  byId("synthetic").textContent = data.detail?.synthetic ? t("synthetic.label") : "";
}

/** Run one piece of loading; show what went wrong, whoever was to blame. */
async function attempt(work, again) {
  try {
    await work();
  } catch (error) {
    working(null);
    root.dataset.state = "error";
    if (!(error instanceof api.ApiError)) console.error(error);
    sayError(error, () => {
      quiet();
      again();
    });
  }
}

async function loadDistrict() {
  const mine = (turn += 1);
  const { district } = state.now;
  root.dataset.state = "loading";
  maps.clear(map);
  data = { districts: data.districts, ...nothing() };
  dropWalk(map);
  ask = api.district(district);
  working("working.district");
  const detail = await ask.detail();
  if (mine !== turn) return;
  data.detail = detail;
  maps.setGeometry(map, { detail });
  if (state.now.at) {
    const [zoom, lat, lon] = state.now.at.split("/").map(Number);
    map.jumpTo({ center: [lon, lat], zoom });
  } else maps.frame(map, detail.bbox, { still: true });
  const parts = [
    ["grids", async () => setGrids(state.now.level, await ask.grids(state.now.level))],
    ["buildings", async () => (data.buildings = await ask.buildings()) && maps.setGeometry(map, { buildings: data.buildings })],
    ["points", async () => setPoints(await ask.points())],
    ["ground", async () => maps.setGeometry(map, { barriers: await ask.barriers(), gates: await ask.gates() })],
    ...LEVELS.filter((level) => level !== state.now.level).map((level) => ["grids", async () => setGrids(level, await ask.grids(level))]),
  ];
  let done = 0;
  const geometry = parts.map(async ([name, load]) => {
    await load();
    if (mine !== turn) return;
    done += 1;
    working(`working.${name}`, { done, all: parts.length });
  });
  await Promise.all([loadValues(), ...geometry]);
  if (mine !== turn) return;
  working(null);
  quiet();
  apply();
  map.resize(); // headline and legend have taken their room by now
  if (!state.now.at && !state.now.gap) maps.frame(map, extent(), { still: true });
  if (state.now.gap) await showGap();
  prefetch();
}

function setGrids(level, collection) {
  data.grids[level] = collection;
  data.boxes[level] = boxesOf(collection);
  maps.setGeometry(map, { grids: { [level]: collection } });
}

function setPoints(points) {
  data.points = points;
  data.pointNames = new Map(points.features.map((f) => [f.properties.point_id, f.properties.name]));
  maps.setGeometry(map, { detail: data.detail, points });
}

const chosen = () => ({ minutes: state.now.minutes, profile: state.now.profile });

/** Values for the profile, threshold and level; geometry stays where it is. */
async function loadValues() {
  const question = JSON.stringify([state.now.district, chosen(), state.now.level, state.now.gapcat]);
  const [coverage, times, gaps] = await Promise.all([
    ask.coverage({ ...chosen(), by: state.now.level }),
    // Times do not depend on the threshold: one question per profile serves them all.
    ask.coverage({ minutes: 15, profile: state.now.profile, by: "building" }),
    state.now.task === "gaps" || state.now.gap ? askGaps(state.now.gapcat) : null,
  ]);
  if (question !== JSON.stringify([state.now.district, chosen(), state.now.level, state.now.gapcat])) return false;
  Object.assign(data, { coverage, times, gaps });
  return true;
}

const askGaps = (category) => ask.gaps({ ...chosen(), level: state.now.level, category });

/** Colours and marks from the values at hand. */
function apply() {
  const { level, show, points, squares, ground } = state.now;
  if (!data.coverage || data.coverage.by !== level) return;
  const { categories } = data.detail.standard;
  const known = show === "all" || show === "count" || categories.some((c) => c.id === show);
  if (!known) return state.set({ show: "all" });
  const grids = paintGrids(map, level, data.coverage.rows, { show, categories: categories.length });
  const buildings = paintBuildings(map, data.times.rows, { show, minutes: data.coverage.minutes });
  data.counts = { ...grids, buildings };
  maps.showLevel(map, level);
  maps.showMarks(map, { points: points === "1", squares: squares === "1", ground: ground === "1", category: ["all", "count"].includes(show) ? null : show });
  maps.outline(map, level, state.now.pick.startsWith("grid:") ? state.now.pick.slice(5) : "");
  maps.ring(map, pickedSpot());
  maps.label(map, data.grids.large, { withCode: level === "large" });
  render();
  const drawn = [state.now.district, state.now.profile, state.now.minutes, level, show].join(" ");
  map.once("render", () => (root.dataset.drawn = drawn));
  map.once("idle", () => (root.dataset.state = "ready"));
  map.triggerRepaint();
}

/** The building or service point that is picked, as a feature. */
function pickedSpot() {
  const [kind, ...rest] = state.now.pick.split(":");
  const [features, key] = { building: [data.buildings, "building_id"], point: [data.points, "point_id"] }[kind] ?? [];
  return features?.features.find((f) => f.properties[key] === rest.join(":"));
}

/** The offered thresholds are asked for ahead, so that a press is answered at once. */
function prefetch() {
  const { profile, level } = state.now;
  const ahead = () => {
    for (const minutes of data.detail?.standard.minutes ?? []) ask.coverage({ minutes: String(minutes), profile, by: level }).catch(() => {});
  };
  (window.requestIdleCallback ?? setTimeout)(ahead);
}

/** Frame and mark the chosen gap. */
async function showGap() {
  const [, category] = state.now.gap.split(":");
  if (!state.now.gap) return maps.drawGap(map, []);
  const gaps = category === state.now.gapcat ? data.gaps : await askGaps(category);
  const found = findGap(state.now.gap, { rows: [...data.gaps.rows, ...gaps.rows], areas: [...gaps.areas, ...data.gaps.areas] });
  if (!found) return state.set({ gap: "" });
  maps.drawGap(map, found.geometries);
  maps.frame(map, found.bbox);
  if (found.code) state.set({ pick: `grid:${found.code}` });
  return undefined;
}

/** Draw the walk from a building to its nearest point of a category, or take it away again. */
async function walkTo(row, category, point) {
  if (isWalk(point, category)) return endWalk();
  const to = data.points.features.find((f) => f.properties.point_id === point).geometry.coordinates;
  const { profile } = state.now;
  if (await showWalk(map, ask, { from: [row.lon, row.lat], to, profile, point, category })) render();
  return undefined;
}

function endWalk() {
  dropWalk(map);
  apply();
}

function zoom() {
  const box = data.boxes[state.now.level]?.get(state.now.pick.slice(5));
  if (box) maps.frame(map, box);
}

/** Where the grids lie; a district is often much larger than what is known of it. */
const extent = () => around([...(data.boxes[state.now.level]?.values() ?? [])]) ?? data.detail.bbox;

const inSight = (code) => touches(data.boxes[state.now.level]?.get(code), map.getBounds());

async function changed(now, keys) {
  if (keys.has("lang")) {
    speak(now.lang);
    if (data.detail) maps.setGeometry(map, { detail: data.detail });
  }
  if (keys.has("pick")) {
    dropWalk(map);
  }
  if (keys.has("district")) {
    api.forget();
    return attempt(loadDistrict, loadDistrict);
  }
  if (keys.has("at") && !now.at && data.detail) maps.frame(map, extent());
  const values = ["minutes", "profile", "level", "gapcat"].some((key) => keys.has(key)) || (now.task === "gaps" && !data.gaps);
  if (keys.has("level") && !keys.has("pick") && now.pick.startsWith("grid:")) state.set({ pick: "", gap: "" });
  if (!ask || !data.detail) return undefined;
  return attempt(async () => {
    if (values) {
      render(); // pressed buttons answer at once, figures follow
      working("working.values");
      const current = await loadValues();
      working(null);
      if (!current) return;
      quiet();
    }
    if (keys.size === 1 && keys.has("at")) return;
    apply();
    if (keys.has("gap")) await showGap();
  }, () => changed(now, new Set([...keys, "minutes"])));
}

function wireMap() {
  map.on("click", (e) => {
    const hit = maps.under(map, e.point);
    state.set({ pick: hit ? `${hit.kind}:${hit.id}` : "" });
  });
  map.on("mousemove", (e) => {
    const hit = maps.under(map, e.point);
    map.getCanvas().style.cursor = hit ? "pointer" : "";
    const text = peekText(hit, { data, show: state.now.show });
    byId("peek").hidden = !text;
    byId("peek").textContent = text;
  });
  map.on("mouseout", () => (byId("peek").hidden = true));
  map.on("moveend", (e) => {
    if (e.originalEvent || root.dataset.state === "ready") {
      const { lng, lat } = map.getCenter();
      state.set({ at: [map.getZoom().toFixed(2), lat.toFixed(5), lng.toFixed(5)].join("/") });
      if (byId("twin-view").checked) renderTable(ctx());
    }
  });
}

/** What stands at the foot of the map keeps clear of the credits, however many lines they take. */
function clearCredits() {
  const credits = byId("credits");
  new ResizeObserver(() => credits.parentElement.style.setProperty("--credits", `${credits.offsetHeight}px`)).observe(credits);
}

/** Keys that work wherever nothing is being typed: Escape, and the first letters of the tasks. */
function wireKeys() {
  addEventListener("keydown", (e) => {
    if (e.target.matches("input, select, textarea") || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") state.set({ pick: "", gap: "" });
    else if (e.key === "v") state.set({ task: "view" });
    else if (e.key === "g") state.set({ task: "gaps" });
    else if (e.key >= "1" && e.key <= "3") {
      const minutes = data.detail?.standard.minutes[Number(e.key) - 1];
      if (minutes) state.set({ minutes });
    }
  });
}

let early = null; // asked while the map is being made; asked again when that failed

async function start() {
  quiet();
  root.dataset.state = "loading";
  data.districts = (await (early ?? api.districts())).districts;
  early = null;
  if (!data.districts.length) {
    root.dataset.state = "empty";
    render();
    return sayEmpty();
  }
  const known = data.districts.some((d) => d.code === state.now.district);
  if (!known) state.set({ district: data.districts[0].code, at: "" });
  else await loadDistrict();
  return undefined;
}

async function boot() {
  speak(state.now.lang);
  early = api.districts();
  early.catch(() => {}); // told by start()
  if (state.now.district) api.district(state.now.district).warm(state.now);
  map = await maps.createMap(byId("map"));
  state.onChange(changed);
  wireTopbar({ set: state.set, state: () => state.now });
  wireTable(ctx);
  wireMap();
  wireKeys();
  clearCredits();
  for (const button of document.querySelectorAll("[data-task]")) button.addEventListener("click", () => state.set({ task: button.dataset.task }));
  // A handle for the console and for tests that need to know where a place lies on the screen.
  window.lifecircle = { map, state, get data() { return data; }, nameOf };
  await attempt(start, start);
}

await boot();
