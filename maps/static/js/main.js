// Controller of the page: reads the state, loads what it needs, renders every panel and the map.

import * as api from "./base/api_client.js";
import { PLACE_QUERIES, loadStreets } from "./map/place_queries.js";
import { renderBeats } from "./panels/beats_panel.js";
import { beatOf } from "./data/beats.js";
import { byId } from "./base/dom.js";
import { drawMap } from "./map/paint.js";
import { parseEdits } from "./data/edits.js";
import { findGap, renderGaps } from "./panels/gaps_panel.js";
import { startTool, lastPlace, renderHint, wirePointerAndKeys } from "./map/pointer_and_keys.js";
import { renderHeadline } from "./panels/headline.js";
import { renderInspector } from "./panels/inspector.js";
import { LEVELS } from "./map/layers.js";
import { renderLegend } from "./panels/legend.js";
import * as maps from "./map/map.js";
import { hideNotice, showEmpty, showError, showProgress } from "./base/notice.js";
import { overlay } from "./data/scenario_overlay.js";
import { renderView } from "./panels/view_panel.js";
import { askScenario, warmScenario } from "./data/scenario_client.js";
import { boxesOf, touches } from "./map/hover.js";
import { createState } from "./base/url_state.js";
import { renderTable, wireTable } from "./panels/table.js";
import { renderTopbar, wireTopbar } from "./panels/topbar.js";
import { actions } from "./map/edit_actions.js";
import { dropWalk, isWalk, showWalk, walkNow } from "./map/walk_line.js";
import { renderWhatif } from "./panels/whatif_panel.js";
import { nameOf, speak, t } from "./base/words.js";

const state = createState();
const root = document.documentElement;
const nothing = () => ({ detail: null, grids: {}, boxes: {}, points: null, buildings: null, gates: null, organisations: null, streets: new Map(), pointNames: new Map(), coverage: null, times: null, gaps: null, beats: null, answer: null, fault: null, isochrone: null, why: null, counts: null });
let data = { districts: null, ...nothing() };
let map = null;
let ask = null;
let turn = 0; // answers to an older question are dropped

/** What is shown: the district, or in What-if the district as it would be. */
function shown() {
  return state.now.task === "whatif" && data.answer && data.coverage ? overlay(data) : data;
}

const trying = actions({ state, map: () => map, data: () => data });

const ctx = () => ({
  state: state.now,
  data: shown(),
  map,
  ask,
  walk: walkNow(),
  set: state.set,
  rerender: render,
  zoom: () => zoomTo(state.now.pick),
  zoomTo,
  walkTo: (...given) => attempt(() => walkTo(...given), endWalk),
  inSight,
  ...trying,
  lastPlace: lastPlace(state.now.pick),
});

function render() {
  const now = ctx();
  renderTopbar(now);
  for (const button of document.querySelectorAll("[data-task]")) button.setAttribute("aria-pressed", String(button.dataset.task === state.now.task));
  renderHeadline(now);
  ({ gaps: renderGaps, whatif: renderWhatif, view: renderView, beats: renderBeats })[state.now.task](now);
  renderHint();
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
    showProgress(null);
    root.dataset.state = "error";
    if (!(error instanceof api.ApiError)) console.error(error);
    showError(error, () => {
      hideNotice();
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
  ask = api.district(district, state.now.moment);
  showProgress("working.district");
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
    ["ground", async () => {
      data.organisations = await ask.organisations();
      maps.setGeometry(map, { barriers: await ask.barriers(), gates: (data.gates = await ask.gates()) });
    }],
    ...LEVELS.filter((level) => level !== state.now.level).map((level) => ["grids", async () => setGrids(level, await ask.grids(level))]),
  ];
  let done = 0;
  const geometry = parts.map(async ([name, load]) => {
    await load();
    if (mine !== turn) return;
    done += 1;
    showProgress(`working.${name}`, { done, all: parts.length });
  });
  await Promise.all([loadValues(), ...geometry]);
  if (mine !== turn) return;
  await askPlaceQueries();
  showProgress(null);
  hideNotice();
  apply();
  map.resize(); // headline and legend have taken their room by now
  if (!state.now.at && !state.now.gap) maps.frame(map, data.detail.bbox, { still: true });
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
  const now = () => JSON.stringify([state.now.district, state.now.moment, chosen(), state.now.level, state.now.gapcat, tried()]);
  const question = now();
  const [coverage, times, gaps, beats, scenario] = await Promise.all([
    ask.coverage({ ...chosen(), by: state.now.level }),
    // Times do not depend on the threshold: one question per profile serves them all.
    ask.coverage({ minutes: 15, profile: state.now.profile, by: "building" }),
    state.now.task === "gaps" || state.now.gap ? askGaps(state.now.gapcat) : null,
    state.now.task === "beats" ? ask.beats() : null,
    askScenario(ask, { edits: parseEdits(tried()), ...chosen(), by: state.now.level }),
  ]);
  if (question !== now()) return false;
  Object.assign(data, { coverage, times, gaps, beats, ...scenario });
  if (beats) data.boxes.beats = boxesOf(beats, "worker_code");
  return true;
}

const tried = () => (state.now.task === "whatif" ? state.now.edits : "");
const askGaps = (category) => ask.gaps({ ...chosen(), level: state.now.level, category });

/** Draw the map from the values at hand, and everything around it. */
function apply() {
  const { task, level, show } = state.now;
  if (!data.coverage || data.coverage.by !== level) return;
  const known = show === "all" || show === "count" || data.detail.standard.categories.some((c) => c.id === show);
  if (!known) return state.set({ show: "all" });
  data.counts = drawMap(map, ctx());
  render();
  const drawn = [state.now.district, state.now.profile, state.now.minutes, level, task === "beats" ? task : show].join(" ");
  const answered = data.answer ? tried() : "";
  map.once("render", () => Object.assign(root.dataset, { drawn, tried: answered }));
  root.dataset.state = "loading";
  // What goes wrong until the map rests is not to be taken back by its resting.
  map.once("idle", () => {
    if (root.dataset.state === "loading") root.dataset.state = "ready";
  });
  map.triggerRepaint();
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
  if (await showWalk(map, ask, { row, points: data.points, profile: state.now.profile, point, category })) render();
  return undefined;
}

function endWalk() {
  dropWalk(map);
  apply();
}

/** Where a grid or a beat lies. */
const boxOf = (code) => data.boxes[state.now.level]?.get(code) ?? data.boxes.beats?.get(code);

/** Frame the picked grid; among beats, the beat it is in. */
function zoomTo(pick) {
  const beat = state.now.task === "beats" ? beatOf(pick, data.beats)?.worker_code : "";
  const box = boxOf(beat || pick.slice(5));
  if (box) maps.frame(map, box);
}

/** Ask what the state wants to know of one place; `keys` says what has changed in it. */
const askPlaceQueries = (keys) =>
  Promise.all(
    PLACE_QUERIES.filter(({ when }) => !keys || when.some((key) => keys.has(key))).map(({ load, drop }) =>
      attempt(async () => (await load({ map, ask, now: () => state.now, data })) && keys && apply(), () => state.set(drop)),
    ),
  );

const inSight = (code) => touches(boxOf(code), map.getBounds());

/** Beats are asked for each time; when they are of another revision, so must be all the rest. */
const outdated = () => data.beats && data.beats.lifecircle.revision !== data.detail.revision;

async function changed(now, keys) {
  if (keys.has("lang")) {
    speak(now.lang);
    if (data.detail) maps.setGeometry(map, { detail: data.detail });
  }
  if (keys.has("pick") || keys.has("why") || keys.has("moment")) dropWalk(map);
  if (ask && keys.has("moment")) ask = api.district(now.district, now.moment);
  if (keys.has("task") && now.task !== "whatif") startTool(null);
  if (ask && now.task === "whatif" && !now.edits) warmScenario(ask, { ...chosen(), by: now.level });
  if (keys.has("district")) {
    api.forget();
    return attempt(loadDistrict, loadDistrict);
  }
  if (keys.has("at") && !now.at && data.detail) maps.frame(map, data.detail.bbox);
  const values = ["minutes", "profile", "moment", "level", "gapcat"].some((key) => keys.has(key)) || (now.task === "gaps" && !data.gaps) || (now.task === "beats" && (!data.beats || keys.has("task"))) || ((keys.has("edits") || keys.has("task")) && (now.edits !== "" || data.answer));
  if (keys.has("level") && !keys.has("pick") && now.pick.startsWith("grid:")) state.set({ pick: "", gap: "" });
  if (!ask || !data.detail) return undefined;
  askPlaceQueries(keys);
  return attempt(async () => {
    if (values) {
      const loading = loadValues();
      render(); // pressed buttons answer at once, figures follow
      showProgress("working.values");
      const current = await loading;
      showProgress(null);
      if (!current) return;
      if (outdated()) {
        api.forget();
        await loadDistrict();
        return;
      }
      hideNotice();
    }
    if (keys.size === 1 && keys.has("at")) return;
    apply();
    if (keys.has("gap")) await showGap();
  }, () => changed(now, new Set([...keys, "minutes"])));
}

let early = null; // asked while the map is being made; asked again when that failed

async function start() {
  hideNotice();
  root.dataset.state = "loading";
  data.districts = (await (early ?? api.districts())).districts;
  early = null;
  if (!data.districts.length) {
    root.dataset.state = "empty";
    render();
    return showEmpty();
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
  if (state.now.district) api.district(state.now.district, state.now.moment).warm(state.now);
  map = await maps.createMap(byId("map"));
  state.onChange(changed);
  wireTopbar({ set: state.set, state: () => state.now });
  wireTable(ctx);
  wirePointerAndKeys({ map, ctx, needStreets: () => attempt(async () => (await loadStreets({ map, ask, data })) && renderHint(), () => startTool(null)), onMoved: () => byId("twin-view").checked && renderTable(ctx()) });
  maps.clearCredits(byId("credits"));
  for (const button of document.querySelectorAll("[data-task]")) button.addEventListener("click", () => state.set({ task: button.dataset.task }));
  // A handle for the console and for tests that need to know where a place lies on the screen.
  window.lifecircle = { map, state, get data() { return data; }, nameOf };
  await attempt(start, start);
}

await boot();
