// Panel "What-if": edit tools, list of edits, effect of the scenario. Nothing is stored.

import { badge } from "../base/category_bars.js";
import { changeOf, shareChange, signed, signedPoints } from "../base/difference_classes.js";
import { download } from "../base/columns.js";
import { byId, fill, h } from "../base/dom.js";
import { whichOf } from "../base/judged.js";
import { parseEdits, tellEdit } from "../data/edits.js";
import { activeTool, TOOLS } from "../data/active_tool.js";
import { inName } from "../base/threshold.js";
import { termMark } from "../base/term.js";
import { nameOf, percent, t, termOf, whole } from "../base/words.js";

const MARKS = { add_point: "＋", move_point: "↦", close_point: "×", gate: "◐", street: "╱", bridge: "═", close_street: "⊘" };
const LISTED = 60; // grids named on each side; the table has them all

function tools({ data, tool }) {
  const button = (name) =>
    h(
      "button.tool",
      { type: "button", "data-key": `tool-${name}`, "data-tool": name, "aria-pressed": String(activeTool()?.name === name), onclick: (e) => tool(name, { keyboard: e.detail === 0 }) },
      h("i", { "aria-hidden": "true" }, MARKS[name]),
      t(`tool.${name}`),
    );
  const held = activeTool();
  const pick = held?.name === "add_point"
    ? h(
        "label.pick.wide",
        {},
        h("span", {}, t("whatif.category")),
        h("select", { id: "tool-category", "data-key": "tool-category", onchange: (e) => tool("add_point", { category: e.target.value }) },
          data.detail.standard.categories.map((c) => h("option", { value: c.id, selected: c.id === held.category }, termOf(c)))),
      )
    : null;
  const path = held?.path.length
    ? h("button.wide", { type: "button", "data-key": "tool-done", id: "tool-done", disabled: held.path.length < 2, onclick: () => tool("done") }, t("whatif.done"))
    : null;
  return [
    h("div.tools", { role: "group", "aria-label": t("whatif.tools") }, TOOLS.map(button)),
    pick,
    path,
  ];
}

function editRow(edit, number, { data, edits, dropEdit, showEdit, fault }) {
  const [verb, what] = tellEdit(edit, edits, data);
  const wrong = fault?.number === number;
  return h(
    "li.edit",
    { "data-edit": number, "data-op": edit.op, class: wrong ? "edit wrong" : "edit" },
    h("button.edit-name", { type: "button", "data-key": `edit-${number}`, title: t("whatif.show_edit"), onclick: () => showEdit(number) }, h("b.rank", {}, String(number)), h("span.name", {}, verb, h("small", {}, what))),
    h("button.plain.close", { type: "button", "data-key": `drop-${number}`, "aria-label": t("whatif.drop", { number }), onclick: () => dropEdit(number) }, "×"),
    wrong ? h("p.fault", { role: "alert" }, fault.detail || t("whatif.unreadable")) : null,
  );
}

function saveScenario({ state, data, edits }) {
  const name = `${state.district}${data.detail.synthetic ? "-synthetic" : ""}-scenario-${data.coverage.profile.id}-${inName(state.minutes)}-r${data.coverage.revision}.json`;
  download(name, `${JSON.stringify({ edits }, null, 2)}\n`, "application/json");
}

/** Coverage before and after, for all and for each category that changed. */
function figures({ state, data, set }) {
  const { categories } = data.detail.standard;
  const shown = changeOf(state.show);
  const moved = data.coverage.total.changes ?? {};
  const row = (id, mark, name) => {
    const each = moved[id];
    if (!each || (id !== "all" && !each.change && !each.gained && !each.lost)) return null;
    return h(
      "li",
      {},
      h(
        "button.question",
        { type: "button", "data-key": `change-${id}`, "data-change": id, "aria-pressed": String(shown === id), onclick: () => set({ show: id }) },
        mark,
        h("span.name", {}, name, h("small", {}, t("whatif.share", { before: percent(each.coverage_before), after: percent(each.coverage_after) }))),
        h("b", {}, signed(each.change), h("small", {}, ` ${t("unit.households", { n: whole(Math.abs(each.change)) })}`)),
      ),
    );
  };
  return h(
    "ul.bars.tall.changes",
    {},
    row("all", h("i.badge.plain", { "aria-hidden": "true" }, "∩"), t(`show.${whichOf(data)}`, { k: data.coverage.judged.length })),
    categories.map((c, at) => row(c.id, badge(c, at), termOf(c))),
  );
}

/** Grids that gain, then grids that lose, most households first. */
function sides({ state, data, set, zoom }) {
  const shown = changeOf(state.show);
  const rows = data.coverage.rows.filter((row) => row.changes?.[shown]);
  const side = (key) => rows.filter((row) => row.changes[shown][key] > 0).toSorted((a, b) => b.changes[shown][key] - a.changes[shown][key] || (a.code < b.code ? -1 : 1));
  const list = (key, sign, found) => [
    h("h2", {}, t(`whatif.${key}`, { n: whole(found.length) })),
    found.length
      ? h(
          "ol.sides",
          { "data-side": key },
          found.slice(0, LISTED).map((row) =>
            h("li", {}, h(
              "button.side",
              { type: "button", "data-key": `${key}-${row.code}`, "data-code": row.code, "aria-pressed": String(state.pick === `grid:${row.code}`), onclick: () => (set({ pick: `grid:${row.code}` }), zoom()) },
              h(`i.mark.${key}`, { "aria-hidden": "true" }),
              h("span.name", {}, nameOf(row) || row.code, h("small", {}, t("whatif.points", { n: signedPoints(shareChange(row, shown)) }))),
              h("b", {}, `${sign}${whole(row.changes[shown][key])}`),
            )),
          ),
          found.length > LISTED ? h("li.say", {}, t("whatif.more", { n: whole(found.length - LISTED) })) : null,
        )
      : h("p.say", {}, t("whatif.nobody")),
  ];
  return [list("gained", "+", side("gained")), list("lost", "−", side("lost"))];
}

/** Draw the panel of `ctx` for the task What-if. */
export function renderWhatif(ctx) {
  const box = byId("panel");
  const { state, data, set } = ctx;
  if (!data.coverage) return fill(box, h("h2", {}, t("whatif.title")));
  const edits = parseEdits(state.edits);
  const fault = data.fault;
  return fill(
    box,
    h("h2", {}, t("whatif.title"), termMark("whatif")),
    h("p.say", { id: "unsaved" }, t("whatif.say")),
    ctx.map.drawn === false ? h("p.say", {}, t("whatif.no_map")) : tools(ctx),
    edits.length
      ? [
          h("h2.with-action", {}, t("whatif.edits", { n: edits.length }), h("button.plain", { type: "button", id: "undo-edit", "data-key": "undo-edit", title: t("whatif.undo_key"), onclick: ctx.undo }, t("whatif.undo")), h("button.plain", { type: "button", id: "clear-edits", "data-key": "clear-edits", onclick: () => set({ edits: "" }) }, t("whatif.clear"))),
          h("ol.edits", {}, edits.map((edit, at) => editRow(edit, at + 1, { ...ctx, edits, fault }))),
          fault && !fault.number ? h("p.fault", { role: "alert" }, fault.detail) : null,
        ]
      : null,
    data.before ? [h("h2", {}, t("whatif.comes_to"), termMark("gained_lost")), figures(ctx), sides(ctx)] : null,
    edits.length
      ? h("p.foot", {}, h("button.link", { type: "button", id: "save-scenario", "data-key": "save-scenario", onclick: () => saveScenario({ state, data, edits }) }, t("whatif.download")))
      : null,
  );
}
