// The MapLibre map: created once, geometry set once per district, then only restyled.

import * as maplibregl from "../../../vendor/maplibre-gl/maplibre-gl.mjs";

import { labelsOf } from "../data/beats.js";
import { layers, LEVELS, sources, TARGETS } from "./layers.js";
import { addMarks, badgeColours } from "../base/marks.js";
import { noMap } from "./no_map.js";
import { nameOf } from "../base/words.js";

/** What stands at the foot of the map keeps clear of the credits, however many lines they take. */
export function clearCredits(credits) {
  new ResizeObserver(() => credits.parentElement.style.setProperty("--credits", `${credits.offsetHeight}px`)).observe(credits);
}

const DOUBLED = ["selected-outer", "selected-gap", "selected-inner"];
const collection = (features) => ({ type: "FeatureCollection", features });
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const canDraw = () => Boolean(document.createElement("canvas").getContext("webgl2"));

/** Make the map in `container`; resolves when it can take data. Without WebGL2 it is the stand-in that draws nothing. */
export async function createMap(container) {
  if (!canDraw()) return noMap;
  const map = new maplibregl.Map({
    container,
    style: { version: 8, sources: sources(), layers: layers() },
    attributionControl: false, // credits are always open, in their own line
    localIdeographFontFamily: FONT,
    canvasContextAttributes: { preserveDrawingBuffer: true }, // so that it prints
    dragRotate: false,
    pitchWithRotate: false,
    rollEnabled: false,
    touchPitch: false,
    fadeDuration: 0,
    maxZoom: 19,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-right");
  addMarks(map, { categories: [], beside: [] });
  map.on("styleimagemissing", () => {}); // badges arrive with the district
  await map.once("load");
  return map;
}

/** Fill the sources that describe a place. `undefined` leaves a source as it is. */
export function setGeometry(map, { detail, grids, points, buildings, barriers, gates, grounds }) {
  if (detail) {
    map.getSource("boundary").setData({ type: "Feature", properties: {}, geometry: detail.boundary });
    addMarks(map, detail.standard);
  }
  for (const level of LEVELS) if (grids?.[level]) map.getSource(`grids-${level}`).setData(grids[level]);
  if (points) map.getSource("points").setData(coloured(points, detail.standard));
  if (buildings) map.getSource("buildings").setData(buildings);
  if (barriers) map.getSource("barriers").setData(barriers);
  if (gates) map.getSource("gates").setData(gates);
  if (grounds) map.getSource("grounds").setData(grounds);
}

/**
 * Follow the map's WebGL context: `lost()` when it is gone, `back()` when everything can be drawn
 * again. MapLibre keeps style and geometry, and no feature state.
 */
export function watchContext(map, { lost, back }) {
  map.on("webglcontextlost", lost);
  map.on("webglcontextrestored", () => {
    last.clear();
    map.once("idle", back);
  });
}

/** Forget everything about the last district. */
export function clear(map) {
  last.clear();
  for (const name of Object.keys(sources())) {
    if (name !== "boundary") map.removeFeatureState({ source: name });
    map.getSource(name).setData(collection([]));
  }
}

function coloured(points, { categories }) {
  const fills = new Map(categories.map((category, at) => [category.id, badgeColours(at).fill]));
  const features = points.features.map((f) => ({ ...f, properties: { ...f.properties, fill: fills.get(f.properties.category) ?? badgeColours(-1).fill } }));
  return collection(features);
}

/** Show the active level's fill, its outline and those of the levels above it. */
export function showLevel(map, level) {
  for (const each of LEVELS) {
    const shown = (id, yes) => map.setLayoutProperty(`${id}-${each}`, "visibility", yes ? "visible" : "none");
    shown("fill", each === level);
    shown("stripes", each === level);
    for (const id of ["outline", "dotted"]) shown(id, LEVELS.indexOf(each) >= LEVELS.indexOf(level));
  }
}

/** Show or hide service points (of one `category`, or without those `hidden`), uncovered buildings, and what is on the ground. */
export function showMarks(map, { points, squares, ground, category, hidden }) {
  const set = (ids, yes) => ids.forEach((id) => map.setLayoutProperty(id, "visibility", yes ? "visible" : "none"));
  set(["point-dot", "point-badge"], points);
  set(["square-beyond", "square-unlinked", "building"], squares);
  set(["open-ground", "open-ground-name", "river-area", "river", "railway", "wall", "gate"], ground);
  const filter = category ? ["==", ["get", "category"], category] : ["!", ["in", ["get", "category"], ["literal", hidden]]];
  map.setFilter("point-dot", filter);
  map.setFilter("point-badge", filter);
  const near = category ? 11.5 : 16; // one category alone has room for its badges much earlier
  map.setLayerZoomRange("point-dot", 0, near);
  map.setLayerZoomRange("point-badge", near, 24);
}

/** Draw the double outline around one grid, or none. */
export function outline(map, level, code) {
  for (const each of LEVELS) {
    for (const id of DOUBLED) {
      map.setFilter(`${id}-${each}`, ["==", ["get", "code"], each === level ? code : ""]);
    }
  }
}

/** Draw the edges and households of beats with one of them chosen; null takes them away. */
export function showBeats(map, beats, chosen = "") {
  for (const id of ["beat-halo", "beat-edge", "beat-label"]) map.setLayoutProperty(id, "visibility", beats ? "visible" : "none");
  for (const id of DOUBLED) map.setFilter(`${id}-beat`, ["==", ["get", "worker_code"], beats ? chosen : ""]);
  if (!beats) return;
  put(map, "beats", beats.lifecircle.revision, () => beats.features);
  put(map, "beat-labels", beats.lifecircle.revision, () => labelsOf(beats));
}

const last = new Map(); // source -> what it holds, so that the same is not handed over twice
function put(map, source, key, features) {
  if (last.get(source) === key) return;
  last.set(source, key);
  map.getSource(source).setData(collection(features()));
}

/** Show a few features on a source of their own, and only them. */
export const show = (map, source, features) => put(map, source, JSON.stringify(features), () => features);

/** Ring one building or service point, or none. */
export const ring = (map, feature) => put(map, "spot", JSON.stringify(feature?.geometry), () => (feature ? [feature] : []));

/** A name without its common words: "Shizhong community 202" is "Shizhong 202", 刘桥村村委会 is 刘桥村. */
const short = (name) => name.replace(/(?<= )\p{Ll}+ /gu, "").replace(/(?<=社区|村)[居村]委会$/u, "");

/** Names of the large grids, set at a point inside each; from near with the code. */
export function label(map, large, { withCode }) {
  const text = (grid) => short(nameOf(grid));
  const near = (grid) => (withCode ? `${text(grid)}\n${grid.code}` : text(grid));
  const features = large?.features ?? [];
  put(map, "labels", features.map((f) => near(f.properties)).join("|"), () =>
    features.map((f) => ({
      type: "Feature",
      properties: { text: text(f.properties), near: near(f.properties) },
      geometry: { type: "Point", coordinates: middle(f.geometry) },
    })),
  );
}

/** Centre of gravity of the largest ring. */
function middle(geometry) {
  const rings = geometry.type === "Polygon" ? [geometry.coordinates[0]] : geometry.coordinates.map((p) => p[0]);
  let best = [0, 0, -1];
  for (const ring of rings) {
    const [x0, y0] = ring[0];
    let [area, x, y] = [0, 0, 0];
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [ax, ay, bx, by] = [ring[i][0] - x0, ring[i][1] - y0, ring[i + 1][0] - x0, ring[i + 1][1] - y0];
      const cross = ax * by - bx * ay;
      area += cross;
      x += (ax + bx) * cross;
      y += (ay + by) * cross;
    }
    if (Math.abs(area) > best[2]) best = [x0 + x / (3 * area || 1), y0 + y / (3 * area || 1), Math.abs(area)];
  }
  return best.slice(0, 2);
}

const plain = (geometry) => ({ type: "Feature", properties: {}, geometry });
/** Draw a gap's areas, or a walk's line; null takes it away. */
export const drawGap = (map, geometries) => show(map, "gap", geometries.map(plain));
export const drawWalk = (map, geometry) => show(map, "walk", geometry ? [plain(geometry)] : []);

/** Frame [west, south, east, north] with room around it. */
export function frame(map, [west, south, east, north], { maxZoom = 16.5, still = false } = {}) {
  const room = Math.min(56, map.getContainer().clientHeight / 10);
  map.fitBounds([[west, south], [east, north]], {
    padding: room,
    maxZoom,
    duration: still || calm.matches ? 0 : 450,
  });
}

/** What lies under a point of the screen: {kind, id}, nearest kind first; null where nothing does. */
export function under(map, { x, y }) {
  const reach = 5;
  const found = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: TARGETS.filter((id) => map.getLayer(id)) });
  const at = map.queryRenderedFeatures([x, y], { layers: LEVELS.map((l) => `fill-${l}`) });
  const first = (ids, test = () => true) => found.find((f) => ids.includes(f.layer.id) && test(f));
  const square = first(["square-beyond", "square-unlinked"], (f) => f.layer.id === `square-${f.state.status}`);
  if (square) return { kind: "building", id: square.properties.building_id };
  const point = first(["point-badge", "point-dot"]);
  if (point) return { kind: "point", id: point.properties.point_id };
  const building = first(["building"]);
  if (building) return { kind: "building", id: building.properties.building_id };
  return at.length ? { kind: "grid", id: at[0].properties.code } : null;
}
