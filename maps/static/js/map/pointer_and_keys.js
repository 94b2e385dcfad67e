// Pointer and keyboard on the map: select a feature, use the active tool, shortcuts.

import { worst } from "../base/category_bars.js";
import { pickIn } from "../data/beats.js";
import { byId } from "../base/dom.js";
import { formatEdits, parseEdits } from "../data/edits.js";
import { placeText } from "./isochrone.js";
import { under } from "./map.js";
import { tooltipText } from "./hover.js";
import { targetKind, finishPath, activeTool, dropLastPlace, setTool, applyTool, waitingFor } from "../data/active_tool.js";
import { nearestTarget, highlightTargets, sketch } from "./edit_pins.js";
import { t } from "../base/words.js";

let hand = null; // {map, ctx, needStreets}
let clicked = { pick: "", place: null };

/** Where the picked thing was clicked, for a picture around that place; null where it was not. */
export const lastPlace = (pick) => (pick && clicked.pick === pick ? clicked.place : null);

/** What the held tool waits for, in words. */
export const hintOf = (data) => (waitingFor() === "close_street" && data.streetsFar ? t("hint.close_street_far") : t(`hint.${waitingFor()}`));

/** Say over the map what the held tool waits for. */
export function renderHint() {
  const held = activeTool();
  byId("tool-hint").hidden = !held;
  byId("tool-hint").textContent = held ? hintOf(hand.ctx().data) : "";
  document.documentElement.dataset.tool = held?.name ?? "";
}

function changedTool({ focus = false } = {}) {
  const { map, ctx, needStreets } = hand;
  const held = activeTool();
  const aim = held ? targetKind() : "";
  highlightTargets(map, aim);
  sketch(map, null);
  map.getCanvas().style.cursor = held ? "crosshair" : "";
  if (aim === "street") needStreets();
  if (aim === "point") ctx().follow({ points: "1" });
  if (focus) map.getCanvas().focus();
  ctx().rerender();
}

/** The category a planner most likely means: the one on the map, or the one most lacking. */
function likelyCategory({ state, data }) {
  const { categories } = data.detail.standard;
  if (categories.some((c) => c.id === state.show)) return state.show;
  return (worst(categories, data.coverage.total, data.coverage.without_points) ?? categories[0]).id;
}

const keep = (edits) => hand.ctx().set({ edits: formatEdits(edits) });

/** Take a tool, put it down by taking it again, choose its category, or end a path with "done". */
export function startTool(name, { category, keyboard = false } = {}) {
  const held = activeTool();
  if (name === "done") return end();
  if (!name || (held?.name === name && !category)) setTool(null);
  else setTool(name, name === "add_point" ? { category: category ?? likelyCategory(hand.ctx()) } : {});
  changedTool({ focus: keyboard && Boolean(activeTool()) });
  return undefined;
}

/** Hold a tool that already knows its service point. */
export function startToolFor(name, id) {
  setTool(name, { point_id: id });
  changedTool();
}

/** Add a service point at a place, without a tool. */
export function addAt([lon, lat]) {
  const { state, data } = hand.ctx();
  setTool("add_point", { category: likelyCategory({ state, data }) });
  keep(applyTool(parseEdits(state.edits), { lon, lat }));
}

function end() {
  const next = finishPath(parseEdits(hand.ctx().state.edits));
  if (!next) return;
  changedTool();
  keep(next);
}

function useTool(lngLat, point) {
  const { map, ctx } = hand;
  const edits = parseEdits(ctx().state.edits);
  const next = applyTool(edits, { lon: lngLat.lng, lat: lngLat.lat, hit: nearestTarget(map, targetKind(), point) });
  changedTool();
  if (next) keep(next);
}

function press(lngLat, point) {
  if (activeTool()) return useTool(lngLat, point);
  const hit = under(hand.map, point);
  if (hand.ctx().state.task === "beats") return hand.ctx().set({ pick: hit?.kind === "grid" ? pickIn(hit.id, hand.ctx()) : "" });
  const place = [lngLat.lng, lngLat.lat];
  clicked = { pick: hit ? `${hit.kind}:${hit.id}` : `place:${placeText(place)}`, place };
  return hand.ctx().set({ pick: clicked.pick });
}

function hover(e) {
  const { map, ctx } = hand;
  const held = activeTool();
  if (held?.path.length) sketch(map, [e.lngLat.lng, e.lngLat.lat]);
  const aim = held ? targetKind() : "";
  const target = held ? nearestTarget(map, aim, e.point) : under(map, e.point);
  if (held) map.getCanvas().style.cursor = aim === "place" || target ? "crosshair" : "not-allowed";
  else map.getCanvas().style.cursor = target ? "pointer" : "";
  const { data, state } = ctx();
  const text = held ? (aim === "point" && target ? tooltipText({ kind: "point", id: target.id }, { data }) : "") : tooltipText(target, { data, show: state.show, task: state.task });
  byId("peek").hidden = !text;
  byId("peek").textContent = text;
}

function wirePointer({ map, ctx, onMoved }) {
  map.on("click", (e) => press(e.lngLat, e.point));
  map.on("dblclick", (e) => {
    if (!activeTool()) return;
    e.preventDefault(); // no zoom while drawing
    // Its second click has put the last place twice.
    if (activeTool().path.length > 2 && dropLastPlace()) end();
  });
  map.on("mousemove", hover);
  map.on("mouseout", () => (byId("peek").hidden = true));
  map.on("moveend", (e) => {
    if (activeTool() && targetKind() === "street") hand.needStreets();
    if (!e.originalEvent && document.documentElement.dataset.state !== "ready") return;
    const { lng, lat } = map.getCenter();
    ctx().follow({ at: [map.getZoom().toFixed(2), lat.toFixed(5), lng.toFixed(5)].join("/") });
    onMoved();
  });
}

const LETTERS = { v: "view", g: "gaps", w: "whatif", b: "beats" };

/** Ctrl+Z takes the last edit back, of a path in hand its last place; Ctrl+Y and Ctrl+Shift+Z do it again. */
function onUndo(e) {
  const { state, undo, redo } = hand.ctx();
  const again = e.key.toLowerCase() === "y" || e.shiftKey;
  if (state.task !== "whatif" || !["z", "y"].includes(e.key.toLowerCase())) return;
  e.preventDefault();
  if (again) redo();
  else if (dropLastPlace()) changedTool();
  else undo();
}

/** Keys that work wherever nothing is being typed. On the map, Enter presses its centre. */
function onKey(e) {
  if (e.target.matches("select, textarea, input:not([type=checkbox])") || e.altKey) return;
  if (e.ctrlKey || e.metaKey) return onUndo(e);
  const { map, ctx } = hand;
  const { set, data } = ctx();
  if (e.key === "Escape" && activeTool()) {
    if (!dropLastPlace()) setTool(null);
    changedTool();
  } else if (e.key === "Escape") set({ pick: "", gap: "", iso: "", why: "" });
  else if (e.key === "Enter" && e.target === map.getCanvas()) {
    const middle = map.getCenter();
    const last = activeTool()?.path.at(-1);
    if (last && map.project(last).dist(map.project(middle)) < 4) end();
    else press(middle, map.project(middle));
  } else if (LETTERS[e.key] && !document.querySelector(`[data-task="${LETTERS[e.key]}"]`).disabled) set({ task: LETTERS[e.key] });
  else if (e.key >= "1" && e.key <= "3") {
    const minutes = data.detail?.standard.minutes[Number(e.key) - 1];
    if (minutes) set({ minutes });
  }
  return undefined;
}

/** Listen once. `ctx` gives the latest context, `needStreets` loads what can be closed in sight. */
export function wirePointerAndKeys(given) {
  hand = given;
  wirePointer(given);
  addEventListener("keydown", onKey);
}
