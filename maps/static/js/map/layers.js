// MapLibre layer definitions from bottom to top; values are joined by feature state, so geometry loads once.

import { CLASS_OF_LOAD, LOAD_COLOURS, NOBODY } from "../data/beats.js";
import { CHANGE_COLOURS, CLASS_OF_CHANGE } from "../base/difference_classes.js";
import { COLOURS } from "../base/classes.js";
import { SKETCH_SOURCES, sketchAbove, sketchBelow } from "./temporary_layers.js";
import { style } from "../base/words.js";

export const LEVELS = ["small", "medium", "large"];
export const PAPER = "#f1f0ec";

const INK = style.ink;
const EMPTY = { type: "FeatureCollection", features: [] };
const state = (name, otherwise) => ["coalesce", ["feature-state", name], otherwise];
const byZoom = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

const KEYS = {
  boundary: null,
  barriers: "barrier_id",
  gates: "gate_id",
  grounds: "ground_id",
  "grids-small": "code",
  "grids-medium": "code",
  "grids-large": "code",
  beats: "worker_code",
  "beat-labels": "worker_code",
  labels: null,
  gap: null,
  walk: null,
  spot: null,
  points: "point_id",
  buildings: "building_id",
  ...SKETCH_SOURCES,
};

/** Sources start empty; `setData` fills them once per revision. */
export function sources() {
  const make = (key) => ({ type: "geojson", data: EMPTY, ...(key ? { promoteId: key } : {}) });
  return Object.fromEntries(Object.entries(KEYS).map(([name, key]) => [name, make(key)]));
}

const ground = [
  { id: "paper", type: "background", paint: { "background-color": PAPER } },
  { id: "land", type: "fill", source: "boundary", paint: { "fill-color": "#fff" } },
];

/** Fill of a level: a class colour, or stripes where there is no value. */
const fills = (level) => [
  {
    id: `fill-${level}`,
    type: "fill",
    source: `grids-${level}`,
    paint: {
      "fill-color": ["match", state("cls", -2), ...COLOURS.flatMap((c, i) => [i, c]), ...CHANGE_COLOURS.flatMap((c, i) => [CLASS_OF_CHANGE + i, c]), ...LOAD_COLOURS.flatMap((c, i) => [CLASS_OF_LOAD + i, c]), "rgba(0,0,0,0)"],
      "fill-opacity": 0.94,
      "fill-antialias": false,
    },
  },
  {
    id: `stripes-${level}`,
    type: "fill",
    source: `grids-${level}`,
    paint: { "fill-pattern": "no-data", "fill-opacity": ["case", ["==", state("cls", -2), -1], 1, 0] },
  },
];

/** Open grounds: an edge and a name, for the fill tells the value of the grid. */
const grounds = [
  {
    id: "open-ground",
    type: "line",
    source: "grounds",
    minzoom: 11,
    layout: { "line-join": "round" },
    paint: { "line-color": style.open_ground, "line-opacity": 0.8, "line-width": byZoom(11, 0.6, 16, 2), "line-dasharray": [3, 2] },
  },
];
const groundNames = {
  id: "open-ground-name",
  type: "symbol",
  source: "grounds",
  minzoom: 14,
  filter: ["!=", ["get", "name"], ""],
  layout: { "text-field": ["get", "name"], "text-font": ["sans-serif"], "text-size": byZoom(14, 10, 17, 13), "text-max-width": 9 },
  paint: { "text-color": style.open_ground, "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 },
};

const water = [
  {
    id: "river-area",
    type: "fill",
    source: "barriers",
    filter: ["all", ["==", ["get", "kind"], "river"], ["==", ["geometry-type"], "Polygon"]],
    paint: { "fill-color": "#d3dfe6" },
  },
  {
    id: "river",
    type: "line",
    source: "barriers",
    filter: ["all", ["==", ["get", "kind"], "river"], ["==", ["geometry-type"], "LineString"]],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": "#c6d6df", "line-width": byZoom(10, 1.5, 14, 4, 17, 12) },
  },
];

const walls = [
  {
    id: "railway",
    type: "line",
    source: "barriers",
    filter: ["==", ["get", "kind"], "railway"],
    paint: { "line-color": "#8d9296", "line-width": byZoom(11, 0.6, 16, 1.8), "line-dasharray": [5, 2] },
  },
  {
    id: "wall",
    type: "line",
    source: "barriers",
    minzoom: 12.5,
    filter: ["==", ["get", "kind"], "wall"],
    paint: { "line-color": "#5d646a", "line-opacity": byZoom(12.5, 0.15, 15, 0.6), "line-width": byZoom(13, 0.5, 17, 1.6) },
  },
  {
    id: "gate",
    type: "circle",
    source: "gates",
    minzoom: 14,
    paint: {
      "circle-radius": byZoom(14, 1.6, 17, 4),
      "circle-color": ["match", ["get", "access"], "closed", INK, "#fff"],
      "circle-stroke-color": INK,
      "circle-stroke-width": 1,
      "circle-opacity": 0.9,
    },
  },
];

/** Outline of a level: its width is the level; dots say that the grid is synthetic. */
const outlines = (level) => {
  const width = style.outline_px[level];
  const line = (id, filter, more) => ({
    id: `${id}-${level}`,
    type: "line",
    source: `grids-${level}`,
    filter,
    layout: { "line-join": "round", ...(more.layout ?? {}) },
    paint: {
      "line-color": INK,
      "line-opacity": level === "small" ? 0.45 : 0.7,
      "line-width": byZoom(11, width * 0.7, 15, width * 1.25),
      ...(more.paint ?? {}),
    },
  });
  const synthetic = ["==", ["get", "origin"], "synthetic"];
  return [
    line("outline", ["!", synthetic], {}),
    line("dotted", synthetic, { paint: { "line-dasharray": [1.2, 1.6] } }),
  ];
};

/** Selected grid or beat: a double dark line, never a change of colour. */
const doubled = (name, source, key) =>
  [
    ["selected-outer", INK, 7],
    ["selected-gap", "#fff", 4],
    ["selected-inner", INK, 1.6],
  ].map(([id, colour, width]) => ({
    id: `${id}-${name}`,
    type: "line",
    source,
    filter: ["==", ["get", key], ""],
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  }));
const selected = (level) => doubled(level, `grids-${level}`, "code");

/** Ground that nobody looks after, and the edges of beats: dark on white, to be told on any load. */
const nobody = {
  id: "nobody",
  type: "fill",
  source: "grids-small",
  paint: { "fill-pattern": "nobody", "fill-opacity": ["case", ["==", state("cls", -2), NOBODY], 1, 0] },
};
const beatEdges = [
  ["beat-halo", "#fff", byZoom(12, 0, 14, 4.4, 17, 7)],
  ["beat-edge", style.beat, byZoom(11, 0.15, 12.5, 0.7, 14, 2.2, 17, 3.6)],
].map(([id, colour, width]) => ({
  id,
  type: "line",
  source: "beats",
  layout: { "line-join": "round", visibility: "none" },
  paint: { "line-color": colour, "line-width": width },
}));

/** The households of each beat; near enough that most have room. */
const beatLabels = {
  id: "beat-label",
  type: "symbol",
  source: "beat-labels",
  minzoom: 12.5,
  layout: {
    visibility: "none",
    "text-field": ["get", "text"],
    "text-font": ["sans-serif"],
    "text-size": byZoom(12.5, 9.5, 15, 13.5),
    "text-padding": 1,
  },
  paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 },
};

const gap = [
  { id: "gap-line-halo", type: "line", source: "gap", paint: { "line-color": "#fff", "line-width": 5, "line-opacity": 0.9 } },
  { id: "gap-line", type: "line", source: "gap", paint: { "line-color": INK, "line-width": 2, "line-dasharray": [3, 1.5] } },
];

const walk = [
  { id: "walk-halo", type: "line", source: "walk", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#fff", "line-width": 6 } },
  { id: "walk", type: "line", source: "walk", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#c2410c", "line-width": 3 } },
];

/** Service points: dots from afar, badges from near. */
const points = [
  {
    id: "point-dot",
    type: "circle",
    source: "points",
    maxzoom: 16,
    paint: {
      "circle-radius": byZoom(10, 1.5, 13, 2.8, 16, 5),
      "circle-color": ["get", "fill"],
      "circle-stroke-color": "#fff",
      "circle-stroke-width": byZoom(11, 0.4, 14, 1),
    },
  },
  {
    id: "point-badge",
    type: "symbol",
    source: "points",
    minzoom: 16,
    layout: {
      "icon-image": ["concat", "badge-", ["get", "category"]],
      "icon-overlap": "always",
      "icon-ignore-placement": true,
      "icon-size": byZoom(11, 0.6, 14, 0.8, 16, 1),
    },
  },
];

/**
 * Buildings that lack something: dark squares above all, hollow where the building has no link.
 * Those that lack nothing are light, and only near.
 */
const squares = [
  ["building", "covered", 14.5],
  ["square-beyond", "beyond", 0],
  ["square-unlinked", "unlinked", 0],
].map(([id, status, minzoom]) => ({
  id,
  type: "symbol",
  source: "buildings",
  minzoom,
  layout: {
    "icon-image": status,
    "icon-overlap": "always",
    "icon-ignore-placement": true,
    "icon-size": byZoom(10, 0.14, 12.5, 0.32, 14, 0.72, 17, 1.3),
  },
  paint: { "icon-opacity": ["case", ["==", state("status", ""), status], 1, 0] },
}));

const labels = [
  {
    id: "label",
    type: "symbol",
    source: "labels",
    maxzoom: 16,
    layout: {
      "text-field": ["step", ["zoom"], ["get", "text"], 14.5, ["get", "near"]],
      "text-font": ["sans-serif"],
      "text-size": byZoom(10, 10.5, 14, 13),
      "text-max-width": 9,
      "text-line-height": 1.25,
      "text-padding": 8,
      "text-overlap": "never",
      "text-variable-anchor": ["center", "top", "bottom"],
    },
    paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.8 },
  },
];

/** Selected building or service point: a double ring around it. */
const spot = [
  ["spot-outer", INK, 15],
  ["spot-inner", INK, 11.5],
].map(([id, colour, radius]) => ({
  id,
  type: "circle",
  source: "spot",
  paint: { "circle-radius": radius, "circle-opacity": 0, "circle-color": "#fff", "circle-stroke-color": colour, "circle-stroke-width": 1.8 },
}));

/** All layers, in drawing order. */
export const layers = () => [
  ...ground,
  ...LEVELS.flatMap(fills),
  nobody,
  ...grounds,
  ...water,
  ...walls,
  ...LEVELS.flatMap(outlines),
  ...beatEdges,
  ...gap,
  ...doubled("beat", "beats", "worker_code"),
  ...LEVELS.flatMap(selected),
  ...sketchBelow,
  ...walk,
  ...points,
  ...labels,
  groundNames,
  beatLabels,
  ...squares,
  ...sketchAbove,
  ...spot,
];

/** Layers that a click or a pointer can mean, nearest first. */
export const TARGETS = ["square-beyond", "square-unlinked", "point-badge", "point-dot", "building", ...LEVELS.map((l) => `fill-${l}`)];
