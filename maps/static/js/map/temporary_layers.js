// MapLibre layers of what is not stored: edits, changed buildings, isochrones, remedy.

import { style } from "../base/words.js";

const INK = style.ink;
const WARM = "#c2410c";
const byZoom = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
const round = { "line-cap": "round", "line-join": "round" };

/** Source -> the property that identifies a feature. */
export const SKETCH_SOURCES = { isochrone: null, streets: "edge_id", trial: null, moved: null, remedy: null, dependents: "point_id" };

const isochrone = [
  { id: "isochrone-fill", type: "fill", source: "isochrone", filter: ["!=", ["geometry-type"], "Point"], paint: { "fill-color": WARM, "fill-opacity": 0.07 } },
  { id: "isochrone-halo", type: "line", source: "isochrone", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#fff", "line-width": 3.2, "line-opacity": 0.75 } },
  { id: "isochrone-line", type: "line", source: "isochrone", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": WARM, "line-width": 1.3 } },
  {
    id: "isochrone-label",
    type: "symbol",
    source: "isochrone",
    filter: ["!=", ["geometry-type"], "Point"],
    layout: { "symbol-placement": "line", "symbol-spacing": 160, "text-max-angle": 85, "text-field": ["get", "text"], "text-font": ["sans-serif"], "text-size": 11.5, "text-keep-upright": true },
    paint: { "text-color": "#8a2c06", "text-halo-color": "#fff", "text-halo-width": 2 },
  },
  { id: "isochrone-origin", type: "circle", source: "isochrone", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 4, "circle-color": WARM, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
];

/** Streets to choose from, only while a street is to be closed. */
const streets = [
  { id: "street-pick", type: "line", source: "streets", layout: { ...round, visibility: "none" }, paint: { "line-color": INK, "line-opacity": 0.55, "line-width": byZoom(12, 1, 16, 2.4) } },
  { id: "street-over", type: "line", source: "streets", layout: { ...round, visibility: "none" }, filter: ["==", ["get", "edge_id"], -1], paint: { "line-color": WARM, "line-width": byZoom(12, 4, 16, 7) } },
];

const kind = (value) => ["==", ["get", "kind"], value];
const trial = [
  { id: "trial-halo", type: "line", source: "trial", layout: round, paint: { "line-color": "#fff", "line-width": 7 } },
  { id: "trial-street", type: "line", source: "trial", filter: kind("street"), layout: round, paint: { "line-color": INK, "line-width": 3.2 } },
  { id: "trial-bridge", type: "line", source: "trial", filter: kind("bridge"), layout: { "line-join": "round" }, paint: { "line-color": INK, "line-width": 5 } },
  { id: "trial-deck", type: "line", source: "trial", filter: kind("bridge"), layout: { "line-join": "round" }, paint: { "line-color": "#fff", "line-width": 1.8 } },
  { id: "trial-closed", type: "line", source: "trial", filter: kind("closed"), layout: { "line-join": "round" }, paint: { "line-color": INK, "line-width": 3, "line-dasharray": [0.6, 1.2] } },
  { id: "trial-move", type: "line", source: "trial", filter: kind("move"), paint: { "line-color": INK, "line-width": 1.2, "line-dasharray": [3, 2] } },
  { id: "trial-sketch", type: "line", source: "trial", filter: kind("sketch"), layout: round, paint: { "line-color": WARM, "line-width": 2.6, "line-dasharray": [1.6, 1.6] } },
];

const remedy = [
  { id: "remedy-halo", type: "line", source: "remedy", layout: round, paint: { "line-color": "#fff", "line-width": 8 } },
  { id: "remedy", type: "line", source: "remedy", layout: round, paint: { "line-color": INK, "line-width": 3, "line-dasharray": [1.4, 1.4] } },
  { id: "remedy-gate", type: "circle", source: "remedy", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 9, "circle-color": "rgba(255,255,255,0.85)", "circle-stroke-color": INK, "circle-stroke-width": 2.4 } },
];

/** Buildings that come to be covered: filled; those that cease to be: hollow. */
const changed = (id, value, paint) => ({
  id,
  type: "circle",
  source: "moved",
  filter: kind(value),
  paint: { "circle-radius": byZoom(11, 1.8, 14, 3.8, 17, 7), "circle-stroke-width": byZoom(11, 0.6, 14, 1.1, 17, 2.2), ...paint },
});
const moved = [
  changed("moved-gained", "gained", { "circle-color": INK, "circle-stroke-color": "#fff" }),
  changed("moved-lost", "lost", { "circle-color": "#fff", "circle-stroke-color": INK }),
];

/** Gates to choose from, only while one is to be opened or closed: closed ones are filled. */
const gates = [
  {
    id: "gate-pick",
    type: "circle",
    source: "gates",
    layout: { visibility: "none" },
    paint: {
      "circle-radius": byZoom(11, 3, 14, 5, 17, 8),
      "circle-color": ["match", ["get", "access"], "closed", INK, "#fff"],
      "circle-stroke-color": ["match", ["get", "access"], "closed", "#fff", INK],
      "circle-stroke-width": 1.8,
    },
  },
];

/** Households that depend on a service point: a ring around it, its area their number. */
const dependents = [
  {
    id: "dependents",
    type: "circle",
    source: "dependents",
    paint: {
      "circle-radius": byZoom(11, ["+", 2, ["*", 12, ["get", "weight"]]], 15, ["+", 5, ["*", 30, ["get", "weight"]]]),
      "circle-color": "#fff",
      "circle-opacity": 0.45,
      "circle-stroke-color": INK,
      "circle-stroke-width": 1.6,
    },
  },
];

/** Below the service points, and above everything else that is drawn. */
export const sketchBelow = [...isochrone, ...streets, ...dependents];
export const sketchAbove = [...trial, ...remedy, ...moved, ...gates];
