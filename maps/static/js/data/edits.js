// Edits of a scenario: compact text for the URL and back, new identifiers, description in words.

import { nameOf, t, termOf } from "../base/words.js";

const FIELD = "*"; // needs no escape in a link; an identifier that holds one is escaped here
const EDIT = "**";
const LETTERS = { a: "add_point", m: "move_point", c: "close_point", o: "open_gate", g: "close_gate", s: "add_street", x: "close_street" };
const KEYS = Object.fromEntries(Object.entries(LETTERS).map(([letter, op]) => [op, letter]));

const guard = (text) => encodeURIComponent(text).replaceAll("*", "%2A");
const degrees = (value) => String(Number(value.toFixed(6))); // 0.1 m

function fieldsOf(edit) {
  switch (edit.op) {
    case "add_point":
      return [edit.point_id, edit.category, degrees(edit.lon), degrees(edit.lat), ...(edit.name ? [edit.name] : [])];
    case "move_point":
      return [edit.point_id, degrees(edit.lon), degrees(edit.lat)];
    case "close_point":
      return [edit.point_id];
    case "open_gate":
    case "close_gate":
      return [edit.gate_id];
    case "add_street":
      return edit.path.flat().map(degrees);
    case "close_street":
      return [String(edit.edge_id)];
    default:
      return [edit.text ?? ""];
  }
}

/** Streets by [bridge, from a door]. */
const STREETS = { s: [false, false], b: [true, false], d: [false, true], e: [true, true] };
const streetLetter = ({ bridge = false, from_door = false }) => Object.keys(STREETS).find((letter) => STREETS[letter][0] === bridge && STREETS[letter][1] === from_door);
const letterOf = (edit) => (edit.op === "add_street" ? streetLetter(edit) : (KEYS[edit.op] ?? "z"));

/** Edits as one short text. */
export const formatEdits = (edits) => edits.map((edit) => [letterOf(edit), ...fieldsOf(edit).map(guard)].join(FIELD)).join(EDIT);

function parseEdit(text) {
  const [letter, ...rest] = text.split(FIELD).map(decodeURIComponent);
  const numbers = rest.map(Number);
  switch (STREETS[letter] ? "add_street" : LETTERS[letter]) {
    case "add_point":
      return { op: "add_point", point_id: rest[0], category: rest[1], lon: numbers[2], lat: numbers[3], ...(rest[4] ? { name: rest[4] } : {}) };
    case "move_point":
      return { op: "move_point", point_id: rest[0], lon: numbers[1], lat: numbers[2] };
    case "close_point":
      return { op: "close_point", point_id: rest[0] };
    case "open_gate":
    case "close_gate":
      return { op: LETTERS[letter], gate_id: rest[0] };
    case "add_street": {
      const path = Array.from({ length: Math.floor(numbers.length / 2) }, (_, at) => [numbers[2 * at], numbers[2 * at + 1]]);
      const [bridge, fromDoor] = STREETS[letter];
      return { op: "add_street", path, kind: "footway", bridge, ...(fromDoor ? { from_door: true } : {}) };
    }
    case "close_street":
      return { op: "close_street", edge_id: numbers[0] };
    default:
      return { op: "unreadable", text };
  }
}

/** Read a text back. What cannot be read stays in the list, so that it is seen and can be removed. */
export function parseEdits(text) {
  if (!text) return [];
  return text.split(EDIT).map((part) => {
    try {
      return parseEdit(part);
    } catch {
      return { op: "unreadable", text: part };
    }
  });
}

/** The text of all edits but the last. */
export const withoutLast = (text) => text.split(EDIT).slice(0, -1).join(EDIT);

/** An identifier for one more service point: new-1, new-2 .. */
export function freshPointId(edits) {
  const taken = new Set(edits.map((edit) => edit.point_id));
  let number = 1;
  while (taken.has(`new-${number}`)) number += 1;
  return `new-${number}`;
}

const EARTH_M = 6371008.8;
const rad = Math.PI / 180;
/** Length of a path in degrees, metres on the sphere: for a label, never for a figure. */
export const lengthOf = (path) =>
  path.slice(1).reduce((sum, [lon, lat], at) => {
    const [x, y] = path[at];
    return sum + EARTH_M * rad * Math.hypot((lon - x) * Math.cos(((lat + y) / 2) * rad), lat - y);
  }, 0);

const categoryOf = (data, id) => data.detail?.standard.categories.find((c) => c.id === id);

/** The category and name of a service point, whether it is there or among the edits. */
export function pointOf(id, edits, data) {
  const added = edits.find((edit) => edit.op === "add_point" && edit.point_id === id);
  const stored = data.points?.features.find((f) => f.properties.point_id === id);
  const category = categoryOf(data, added?.category ?? stored?.properties.category);
  const moved = edits.findLast((edit) => edit.op === "move_point" && edit.point_id === id);
  const place = moved ?? added;
  return { category, name: added?.name || stored?.properties.name || (category ? termOf(category) : id), at: place ? [place.lon, place.lat] : stored?.geometry.coordinates };
}

/** What an edit does, as [verb, what it does it to]. */
export function tellEdit(edit, edits, data) {
  switch (edit.op) {
    case "add_point":
      return [t("edit.add_point"), pointOf(edit.point_id, edits, data).name];
    case "move_point":
      return [t("edit.move_point"), pointOf(edit.point_id, edits, data).name];
    case "close_point":
      return [t("edit.close_point"), pointOf(edit.point_id, edits, data).name];
    case "open_gate":
    case "close_gate": {
      const gate = data.gates?.features.find((f) => f.properties.gate_id === edit.gate_id);
      return [t(edit.op === "open_gate" ? "edit.open_gate" : "edit.close_gate"), gate?.properties.name || edit.gate_id];
    }
    case "add_street":
      return [t(edit.bridge ? "edit.add_bridge" : "edit.add_street"), t("unit.metres", { n: Math.round(lengthOf(edit.path)) })];
    case "close_street": {
      const street = data.streets.get(edit.edge_id);
      return [t("edit.close_street"), (street && nameOf({ name_zh: street.properties.name })) || t("edit.street_number", { id: edit.edge_id })];
    }
    default:
      return [t("edit.unreadable"), edit.text];
  }
}
