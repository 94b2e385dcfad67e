// Map layer of the edits: numbered pins that can be dragged, lines of new and closed streets.

import * as maplibregl from "../../../vendor/maplibre-gl/maplibre-gl.mjs";

import { h } from "../base/dom.js";
import { pointOf, tellEdit } from "../data/edits.js";
import { show } from "./map.js";
import { badgeColours, badgeText } from "../base/marks.js";
import { activeTool } from "../data/active_tool.js";

const line = (kind, coordinates) => ({ type: "Feature", properties: { kind }, geometry: { type: "LineString", coordinates } });

/** The middle of a path, by its places. */
const middle = (path) => {
  const at = (path.length - 1) / 2;
  const [a, b] = [path[Math.floor(at)], path[Math.ceil(at)]];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
};

const stored = (data, id) => data.points?.features.find((f) => f.properties.point_id === id)?.geometry.coordinates;
const pathOf = (street) => (street?.geometry.type === "LineString" ? street.geometry.coordinates : street?.geometry.coordinates.flat());

/** Where an edit stands on the map; null when the place is not known (yet). */
export function placeOf(edit, data) {
  switch (edit.op) {
    case "add_point":
    case "move_point":
      return [edit.lon, edit.lat];
    case "close_point":
      return stored(data, edit.point_id) ?? null;
    case "open_gate":
    case "close_gate":
      return data.gates?.features.find((f) => f.properties.gate_id === edit.gate_id)?.geometry.coordinates ?? null;
    case "add_street":
      return middle(edit.path);
    case "close_street": {
      const path = pathOf(data.streets.get(edit.edge_id));
      return path ? middle(path) : null;
    }
    default:
      return null;
  }
}

function linesOf(edits, data) {
  return edits.flatMap((edit) => {
    if (edit.op === "add_street") return [line(edit.bridge ? "bridge" : "street", edit.path)];
    if (edit.op === "close_street") {
      const path = pathOf(data.streets.get(edit.edge_id));
      return path ? [line("closed", path)] : [];
    }
    if (edit.op === "move_point") {
      const from = stored(data, edit.point_id);
      return from ? [line("move", [from, [edit.lon, edit.lat]])] : [];
    }
    return [];
  });
}

const pins = new Map(); // key -> Marker; a pin that stays the same stays in the document

function pin(edit, number, { data, edits, fault, onMove, onChoose }) {
  const { category } = edit.point_id ? pointOf(edit.point_id, edits, data) : {};
  const at = data.detail.standard.categories.indexOf(category);
  const filled = at >= 0 && edit.op !== "close_point";
  const colours = filled ? badgeColours(at) : { fill: "#fff", ink: "#1d2429" };
  const mark = filled ? badgeText(category) : { close_point: "×", close_street: "×", open_gate: "○", close_gate: "●" }[edit.op] ?? "";
  const element = h(
    `button.pin${fault?.number === number ? ".wrong" : ""}${mark ? "" : ".bare"}`,
    { type: "button", "aria-label": `${mark}${number} ${tellEdit(edit, edits, data).join(" ")}`, "data-pin": number, style: { "--fill": colours.fill, "--ink-own": colours.ink }, onclick: (e) => { e.stopPropagation(); onChoose(number); } },
    mark,
    h("b", {}, String(number)),
  );
  const draggable = edit.op === "add_point" || edit.op === "move_point";
  const marker = new maplibregl.Marker({ element, draggable });
  if (draggable) {
    marker.on("dragend", () => {
      const { lng, lat } = marker.getLngLat();
      onMove(number, lng, lat);
    });
  }
  return marker;
}

/** Draw the edits, or none. `onMove(number, lon, lat)` follows a dragged pin, `onChoose(number)` a press. */
export function drawEdits(map, edits, context) {
  if (map.drawn === false) return;
  const wanted = new Map();
  edits.forEach((edit, at) => {
    const place = placeOf(edit, context.data);
    if (place) wanted.set(JSON.stringify([at, edit, context.fault?.number === at + 1, document.documentElement.lang]), [edit, at + 1, place]);
  });
  for (const [key, marker] of pins) {
    if (wanted.has(key)) continue;
    marker.remove();
    pins.delete(key);
  }
  for (const [key, [edit, number, place]] of wanted) {
    if (!pins.has(key)) pins.set(key, pin(edit, number, { ...context, edits }).setLngLat(place).addTo(map));
  }
  base = linesOf(edits, context.data);
  sketch(map, null);
}

let base = [];
/** Draw the path in hand, out to where the pointer is. */
export function sketch(map, pointer) {
  const path = [...(activeTool()?.path ?? []), ...(pointer ? [pointer] : [])];
  show(map, "trial", path.length > 1 ? [...base, line("sketch", path)] : base);
}

/** Show what the tool in hand can be pointed at, and nothing else. */
export function highlightTargets(map, aim) {
  const visible = (id, yes) => map.setLayoutProperty(id, "visibility", yes ? "visible" : "none");
  visible("gate-pick", aim === "gate");
  visible("street-pick", aim === "street");
  visible("street-over", aim === "street");
  map.setFilter("street-over", ["==", ["get", "edge_id"], -1]);
}

/** Pixels from a place of the screen to a drawn point or line. */
function distance(map, { geometry }, { x, y }) {
  const parts = { Point: [[geometry.coordinates]], LineString: [geometry.coordinates] }[geometry.type] ?? geometry.coordinates;
  const ends = (path) => (path.length > 1 ? path.slice(1).map((end, at) => [path[at], end]) : [[path[0], path[0]]]);
  return Math.min(...parts.flatMap(ends).map(([from, to]) => {
    const [a, b] = [map.project(from), map.project(to)];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const along = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
  }));
}

/** What a tool points at: {id, ..} of the nearest thing of its kind; null where there is none. */
export function nearestTarget(map, aim, { x, y }) {
  const ids = { point: ["point-badge", "point-dot"], gate: ["gate-pick"], street: ["street-pick"] }[aim];
  if (!ids) return null;
  const reach = 8;
  const near = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ids });
  const found = near.map((feature) => [distance(map, feature, { x, y }), feature]).toSorted((a, b) => a[0] - b[0]).map(([, feature]) => feature);
  if (aim === "street") map.setFilter("street-over", ["==", ["get", "edge_id"], found[0]?.properties.edge_id ?? -1]);
  if (!found.length) return null;
  const { point_id: point, gate_id: gate, edge_id: street, access } = found[0].properties;
  return { id: point ?? gate ?? street, closed: access === "closed" };
}

/** Mark the buildings whose answer to the question changed. */
export function drawMoved(map, moved) {
  const features = moved.map(({ row, kind }) => ({ type: "Feature", properties: { kind, building_id: row.building_id }, geometry: { type: "Point", coordinates: [row.lon, row.lat] } }));
  show(map, "moved", features);
}
