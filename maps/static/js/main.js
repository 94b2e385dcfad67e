// Controller of the page: reads the state, loads what it needs, renders every panel and the map.

import * as api from "./base/api_client.js";
import { LINK, PLACE_QUERIES, loadStreets } from "./map/place_queries.js";
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
import { noMap } from "./map/no_map.js";
import { hideNotice, repeatNotices, showDropped, showEmpty, showError, showProgress } from "./base/notice.js";
import { overlay } from "./data/scenario_overlay.js";
import { renderView } from "./panels/view_panel.js";
import { askScenario, warmScenario } from "./data/scenario_client.js";
import { boxesOf, touches } from "./map/hover.js";
import { createState, DEFAULTS } from "./base/url_state.js";
import { renderPrintHead, wirePrint } from "./panels/print_head.js";
import { renderTable, wireTable } from "./panels/table.js";
import { identify, renderAccount } from "./panels/account.js";
import { renderTopbar, wireTopbar } from "./panels/topbar.js";
import { undoOf } from "./data/undo.js";
import { actions } from "./map/edit_actions.js";
import { dropWalk, isWalk, showWalk, walkNow } from "./map/walk_line.js";
import { renderWhatif } from "./panels/whatif_panel.js";
import { wireTerms } from "./base/term.js";
import { language, nameOf, speak, t } from "./base/words.js";

const state = createState();
const root = document.documentElement;
const nothing = () => ({ detail: null, newer: null, grids: {}, boxes: {}, points: null, buildings: null, gates: null, organisations: null, streets: new Map(), pointNames: new Map(), coverage: null, times: null, gaps: null, beats: null, answer: null, fault: null, isochrone: null, why: null, week: null, dependents: null, counts: null });
let data = { districts: null, ...nothing() };
let map = null; // the stand-in while nothing can be drawn
let ask = null;
let turn = 0; // answers to an older question are dropped

/** What is shown: the district, or in What-if the district as it would be. */
function shown() {
  return state.now.task === "whatif" && data.answer && data.coverage ? overlay(data) : data;
}

const trying = actions({ state, map: () => map, data: () => data });
const undo = undoOf(state);

const ctx = () => ({
  state: state.now,
  data: shown(),
  map,
  ask,
  walk: walkNow(),
  set: state.set,
  follow: state.follow,
  takeNew,
  ...undo,
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
  renderAccount(now);
  renderPrintHead(now);
  for (const button of document.querySelectorAll("[data-task]")) button.setAttribute("aria-pressed", String(button.dataset.task === state.now.task));
  document.querySelector('[data-task="whatif"]').disabled = Boolean(state.now.as_of); // the past is not edited
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

/** Run one piece of loading; show what went wrong, whoever was to blame, unless another district is shown by then. */
async function attempt(work, again, more = {}) {
  const { district } = state.now;
  try {
    await work();
  } catch (error) {
    if (district !== state.now.district) return;
    showProgress(null);
    root.dataset.state = "error";
    if (!(error instanceof api.ApiError)) console.error(error);
    const retry = () => {
      hideNotice();
      again();
    };
    if (error.kind === "newer") showError(error, takeNew, { label: "stamp.take" });
    else if (error.kind === "sign-in") showError(error, () => location.assign(`sign-in?lang=${language()}${location.hash}`), { label: "sign_in.do" });
    else if (error.kind === "past") showError(error, () => state.set({ as_of: "" }), { label: "past.leave" });
    else showError(error, retry, more);
    render(); // whatever else there is, and the list of districts, stay in use
  }
}

function questions() {
  const mine = turn;
  return api.district(state.now.district, { moment: () => state.now.moment, asOf: state.now.as_of, onNewer: (revision) => {
    if (mine !== turn) return; // told of what is no longer shown
    data.newer = revision;
    render();
  } });
}

/** Show the district as the service has it by now. */
function takeNew() {
  hideNotice();
  api.forget();
  return attempt(loadDistrict, loadDistrict);
}

/** The district's own answer; a past that is not known is told as such. */
async function loadDetail() {
  try {
    return await ask.detail();
  } catch (error) {
    if (state.now.as_of && error.status === 404) error.kind = "past";
    throw error;
  }
}

/** What the level's figures are summed over: without any grid, the district. */
const by = () => (data.detail.counts[state.now.level] ? state.now.level : "district");

/** Leave out what the address names and the district's standard does not have; say so. */
function dropUnknown({ standard, counts }) {
  const ids = standard.categories.map((c) => c.id);
  const known = {
    profile: ["", ...standard.profiles.map((p) => p.id)],
    show: ["all", "count", ...ids],
    gapcat: ["", "all", ...ids],
    why: ["", LINK, ...ids],
  };
  const wrong = Object.keys(known).filter((key) => !known[key].includes(state.now[key]));
  showDropped(wrong.map((key) => [key, state.now[key]]));
  const level = counts[state.now.level] ? state.now.level : (LEVELS.find((each) => counts[each]) ?? state.now.level);
  state.follow({ ...Object.fromEntries(wrong.map((key) => [key, DEFAULTS[key]])), level });
}

/** Leave out a pick that is not in the district; say so. */
function dropMissing() {
  const [kind, ...rest] = state.now.pick.split(":");
  const id = rest.join(":");
  const has = {
    grid: () => LEVELS.some((level) => data.boxes[level]?.has(id)),
    beat: () => data.beats.features.some((f) => f.properties.worker_code === id),
    building: () => data.buildings.features.some((f) => f.properties.building_id === id),
    point: () => data.pointNames.has(id),
  }[kind];
  if (!has || has()) return;
  showDropped([["pick", state.now.pick]]);
  state.follow({ pick: "" });
}

/** Look at what the address says, or at the whole district. */
function look() {
  if (!state.now.at) return maps.frame(map, data.detail.bbox, { still: true });
  const [zoom, lat, lon] = state.now.at.split("/").map(Number);
  return map.jumpTo({ center: [lon, lat], zoom });
}

async function loadDistrict() {
  const mine = (turn += 1);
  root.dataset.state = "loading";
  maps.clear(map);
  data = { districts: data.districts, ...nothing() };
  dropWalk(map);
  ask = questions();
  render();
  showProgress("working.district");
  const detail = await loadDetail();
  if (mine !== turn) return;
  dropUnknown(detail);
  data.detail = detail;
  maps.setGeometry(map, { detail });
  look();
  const asked = ask;
  const { level: first } = state.now;
  // What is asked, and how it is put in once it is there; the district may be another one by then.
  const gridsOf = (level) => ["grids", () => asked.grids(level), (grids) => setGrids(level, grids)];
  const parts = [
    gridsOf(first),
    ["buildings", () => asked.buildings(), (buildings) => {
      data.buildings = buildings;
      maps.setGeometry(map, { buildings });
    }],
    ["points", () => asked.points(), setPoints],
    ["ground", async () => ({ organisations: await asked.organisations(), barriers: await asked.barriers(), gates: await asked.gates(), grounds: await asked.grounds() }), (ground) => {
      Object.assign(data, ground);
      maps.setGeometry(map, { barriers: ground.barriers, gates: ground.gates, grounds: ground.grounds });
    }],
    ...LEVELS.filter((level) => level !== first).map(gridsOf),
  ];
  let done = 0;
  let failed = false;
  const geometry = parts.map(async ([name, load, put]) => {
    const answer = await load();
    if (mine !== turn) return;
    put(answer);
    if (failed) return;
    done += 1;
    showProgress(`working.${name}`, { done, all: parts.length });
  });
  try {
    await Promise.all([loadValues(), ...geometry]);
  } catch (error) {
    failed = true;
    if (mine !== turn) return;
    throw error;
  }
  if (mine !== turn) return;
  dropMissing();
  await askPlaceQueries();
  showProgress(null);
  hideNotice();
  apply();
  map.resize(); // headline and legend have taken their room by now
  if (!state.now.at && !state.now.gap) look();
  if (state.now.gap) await showGap();
  prefetch();
}

/** Give the map, which is new or back, all that is loaded. */
function redraw() {
  maps.setGeometry(map, { detail: data.detail, grids: data.grids, points: data.points, buildings: data.buildings, barriers: data.barriers, gates: data.gates, grounds: data.grounds });
  apply();
  if (state.now.gap) showGap({ still: true });
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
  // With the turn: what was asked before the district is loaded anew is of the revision before.
  const now = () => JSON.stringify([turn, state.now.district, state.now.moment, chosen(), state.now.level, state.now.gapcat, tried()]);
  const question = now();
  const [coverage, times, gaps, beats, scenario] = await Promise.all([
    ask.coverage({ ...chosen(), by: by() }),
    // Times do not depend on the threshold: one question per profile serves them all.
    ask.coverage({ minutes: 15, profile: state.now.profile, by: "building" }),
    state.now.task === "gaps" || state.now.gap ? askGaps(state.now.gapcat) : null,
    state.now.task === "beats" ? ask.beats() : null,
    askScenario(ask, { edits: parseEdits(tried()), ...chosen(), by: by() }),
  ]);
  if (question !== now()) return false;
  Object.assign(data, { coverage, times, gaps, beats, ...scenario });
  if (beats) data.boxes.beats = boxesOf(beats, "worker_code");
  return true;
}

const tried = () => (state.now.task === "whatif" ? state.now.edits : "");
const NO_GAPS = { rows: [], areas: [] };
const askGaps = (category) => (by() === "district" ? { ...NO_GAPS, category } : ask.gaps({ ...chosen(), level: state.now.level, category }));

/** Draw the map from the values at hand, and everything around it. */
function apply() {
  const { task, level, show } = state.now;
  const whole = data.coverage?.by === by() && LEVELS.every((each) => data.grids[each]);
  if (!whole) return render(); // whoever loads the district draws it
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
  return map.triggerRepaint();
}

/** The offered thresholds are asked for ahead, so that a press is answered at once. */
function prefetch() {
  const { profile } = state.now;
  const ahead = () => {
    for (const minutes of data.detail?.standard.minutes ?? []) ask.coverage({ minutes: String(minutes), profile, by: by() }).catch(() => {});
  };
  (window.requestIdleCallback ?? setTimeout)(ahead);
}

/** Mark the chosen gap and frame it, or stay where the map is. */
async function showGap({ still = false } = {}) {
  const { gap, gapcat } = state.now;
  const [, category] = gap.split(":");
  if (!gap) return maps.drawGap(map, []);
  const listed = data.gaps ?? { rows: [], areas: [] }; // none while another task is shown
  const gaps = category === gapcat ? listed : await askGaps(category);
  if (gap !== state.now.gap) return undefined; // another one is shown by then
  const found = findGap(gap, { rows: [...listed.rows, ...gaps.rows], areas: [...gaps.areas, ...listed.areas] });
  if (!found) {
    showDropped([["gap", state.now.gap]]);
    return state.follow({ gap: "" });
  }
  maps.drawGap(map, found.geometries);
  if (!still) maps.frame(map, found.bbox);
  if (found.code) state.follow({ pick: `grid:${found.code}` });
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
      attempt(async () => (await load({ map, ask, now: () => state.now, data })) && keys && apply(), () => state.follow(drop)),
    ),
  );

const inSight = ({ code, point_id, lon, lat }) => touches(point_id ? [lon, lat, lon, lat] : boxOf(code), map.getBounds());

/** Whether a change of these keys asks for other values. */
const asks = (now, keys) =>
  ["minutes", "profile", "moment", "level", "gapcat"].some((key) => keys.has(key)) ||
  (now.task === "gaps" && !data.gaps) ||
  (now.task === "beats" && (!data.beats || keys.has("task"))) ||
  ((keys.has("edits") || keys.has("task")) && (now.edits !== "" || data.answer)) ||
  (keys.has("lang") && data.fault?.detail); // told in the language before

async function changed(now, keys, { travelled = false } = {}) {
  if (keys.has("lang")) {
    speak(now.lang);
    repeatNotices();
    if (data.detail) maps.setGeometry(map, { detail: data.detail });
  }
  if (keys.has("pick") || keys.has("why") || keys.has("moment")) dropWalk(map);
  if (keys.has("task") && now.task !== "whatif") startTool(null);
  if (keys.has("district") || keys.has("as_of")) {
    api.forget();
    return attempt(loadDistrict, loadDistrict);
  }
  if (keys.has("level") && !keys.has("pick") && now.pick.startsWith("grid:")) state.follow({ pick: "", gap: "" });
  if (!ask || !data.detail) return render();
  if (now.task === "whatif" && !now.edits) warmScenario(ask, { ...chosen(), by: by() });
  if (keys.has("at") && (travelled || !now.at)) look();
  askPlaceQueries(keys);
  return attempt(async () => {
    if (asks(now, keys)) {
      const loading = loadValues();
      render(); // pressed buttons answer at once, figures follow
      showProgress("working.values");
      const current = await loading;
      showProgress(null);
      if (!current) return;
      hideNotice();
    }
    if (keys.size === 1 && keys.has("at")) return;
    apply();
    if (keys.has("gap")) await showGap({ still: travelled });
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
  const { district } = state.now;
  if (data.districts.some((d) => d.code === district)) return loadDistrict();
  if (district) showDropped([["district", district]]);
  return state.follow({ district: data.districts[0].code, ...(district ? { at: "", pick: "", gap: "", edits: "", as_of: "" } : {}) });
}

/** Follow the map's context: while it is lost, everything but the map goes on. */
function wireContext(drawing) {
  byId("no-map").hidden = drawing !== noMap;
  if (drawing === noMap) return state.follow({ table: "1" });
  return maps.watchContext(drawing, {
    lost() {
      map = noMap;
      byId("map-lost").hidden = false;
    },
    back() {
      map = drawing;
      byId("map-lost").hidden = true;
      redraw();
    },
  });
}

async function boot() {
  speak(state.now.lang);
  state.onDropped(showDropped);
  early = api.districts();
  early.catch(() => {}); // told by start()
  attempt(async () => (await identify()) || renderAccount(ctx()), identify);
  if (state.now.district) questions().warm(state.now);
  map = await maps.createMap(byId("map"));
  wireContext(map);
  state.onChange(changed);
  wireTopbar({ set: state.set, state: () => state.now });
  wireTable(ctx);
  wireTerms();
  wirePrint({ map: () => map, ctx });
  wirePointerAndKeys({
    get map() {
      return map;
    },
    ctx,
    needStreets: () => attempt(async () => (await loadStreets({ map, ask, data })) && renderHint(), () => startTool(null)),
    onMoved: () => byId("twin-view").checked && renderTable(ctx()),
  });
  maps.clearCredits(byId("credits"));
  for (const button of document.querySelectorAll("[data-task]")) button.addEventListener("click", () => state.set({ task: button.dataset.task }));
  byId("skip").addEventListener("click", (e) => {
    e.preventDefault(); // the address is the view, not a place in the page
    byId("panel").focus();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask?.check().catch(() => {}));
  // A handle for the console and for tests that need to know where a place lies on the screen.
  window.lifecircle = { get map() { return map; }, state, get data() { return data; }, nameOf };
  await attempt(start, start);
}

await boot();
