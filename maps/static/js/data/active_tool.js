// State machine of the edit tool: which tool is active, what it waits for, which edit the next click makes.

import { freshPointId } from "./edits.js";

export const TOOLS = ["add_point", "move_point", "close_point", "gate", "street", "bridge", "close_street"];

let tool = null; // {name, category, point_id, path}

export const activeTool = () => tool;

/** Take a tool, or put it down with null. */
export function setTool(name, more = {}) {
  tool = name ? { name, path: [], ...more } : null;
  return tool;
}

/** What the tool waits for: the end of a key of its hint. */
export function waitingFor() {
  if (!tool) return "";
  if (tool.name === "move_point") return tool.point_id ? "move_point_to" : "move_point";
  if (tool.name === "street" || tool.name === "bridge") return ["street", "street_next", "street_more"][Math.min(tool.path.length, 2)];
  return tool.name;
}

/** What a click may hit with this tool: a service point, a gate, a street, or just a place. */
export function targetKind() {
  if (tool?.name === "close_point" || (tool?.name === "move_point" && !tool.point_id)) return "point";
  return { gate: "gate", close_street: "street" }[tool?.name] ?? "place";
}

/** The edits with the last one on the same thing taken back, or `edit` added. */
function toggled(edits, same, edit) {
  const at = edits.findLastIndex(same);
  return at < 0 ? [...edits, edit] : edits.toSpliced(at, 1);
}

/** Move a service point; one that was added or moved in this scenario simply goes elsewhere. */
export function moved(edits, id, lon, lat) {
  const at = edits.findLastIndex((edit) => edit.point_id === id && edit.op !== "close_point");
  if (at < 0) return [...edits, { op: "move_point", point_id: id, lon, lat }];
  return edits.with(at, { ...edits[at], lon, lat });
}

function closed(edits, id) {
  const added = edits.some((edit) => edit.op === "add_point" && edit.point_id === id);
  const others = edits.filter((edit) => edit.point_id !== id);
  if (added) return others;
  return edits.some((edit) => edit.op === "close_point" && edit.point_id === id) ? others : [...others, { op: "close_point", point_id: id }];
}

const ACTIONS = {
  add_point: (edits, { lon, lat }) => [...edits, { op: "add_point", point_id: freshPointId(edits), category: tool.category, lon, lat }],
  close_point: (edits, { hit }) => (hit ? closed(edits, hit.id) : null),
  gate: (edits, { hit }) =>
    hit ? toggled(edits, (edit) => edit.gate_id === hit.id, { op: hit.closed ? "open_gate" : "close_gate", gate_id: hit.id }) : null,
  close_street: (edits, { hit }) =>
    hit ? toggled(edits, (edit) => edit.edge_id === hit.id, { op: "close_street", edge_id: hit.id }) : null,
};

/** Use the tool at a place; the new list of edits, or null while it waits for more. */
export function applyTool(edits, where) {
  if (tool.name === "move_point" && !tool.point_id) {
    if (where.hit) tool = { ...tool, point_id: where.hit.id };
    return null;
  }
  if (tool.name === "street" || tool.name === "bridge") {
    tool = { ...tool, path: [...tool.path, [where.lon, where.lat]] };
    return null;
  }
  const next = tool.name === "move_point" ? moved(edits, tool.point_id, where.lon, where.lat) : ACTIONS[tool.name](edits, where);
  if (next) tool = null;
  return next;
}

/** End a path of two or more places as a street; null when it is still too short. */
export function finishPath(edits) {
  if (!tool || tool.path.length < 2) return null;
  const edit = { op: "add_street", path: tool.path, kind: "footway", bridge: tool.name === "bridge" };
  tool = null;
  return [...edits, edit];
}

/** Take the last place of a path back; false when there is none. */
export function dropLastPlace() {
  if (!tool?.path.length) return false;
  tool = { ...tool, path: tool.path.slice(0, -1) };
  return true;
}
