// Who depends on a service point: the list in "View" and the lines in the point's card.

import { badge } from "../base/category_bars.js";
import { facts } from "../base/card_parts.js";
import { check, h } from "../base/dom.js";
import { within } from "../base/threshold_words.js";
import { dependentRows, dependentsOf } from "../data/dependents.js";
import { t, termOf, whole } from "../base/words.js";

const FIRST = 5;

function listedRow(row, { state, data, set }) {
  const at = data.detail.standard.categories.findIndex((c) => c.id === row.category);
  return h(
    "li",
    {},
    h(
      "button.gap.dependent",
      { type: "button", "data-key": `dependent-${row.point_id}`, "data-dependent": row.point_id, "aria-pressed": String(state.pick === row.pick), onclick: () => set({ pick: row.pick }) },
      badge(data.detail.standard.categories[at], at),
      h("span.name", { title: row.name }, row.name || t("inspector.unnamed"), h("small", {}, row.kind)),
      h("b", {}, whole(row.dependents), h("small", {}, t("unit.households", { n: whole(row.dependents) }))),
    ),
  );
}

/** The layer's switch, and below it the points that most households depend on. */
export function dependentsPart(ctx) {
  const { state, data, set } = ctx;
  const on = state.depend === "1";
  const title = check("depend", t("depend.layer"), on, set);
  if (!on) return title;
  if (!data.dependents) return [title, h("p.say", { "aria-busy": "true" }, t("depend.working"))];
  const rows = dependentRows(data, state.show).filter((row) => row.dependents > 0);
  const { n } = within(data.coverage, data.detail.standard.categories.find((c) => c.id === state.show));
  if (!rows.length) return [title, h("p.say", {}, t("depend.none", { n }))];
  return [
    title,
    h("p.say", {}, t("depend.say", { n })),
    h("ul.gaps.dependents", {}, rows.slice(0, FIRST).map((row) => listedRow(row, ctx))),
    h("button.link", { type: "button", "data-key": "depend-table", onclick: () => set({ table: "1" }) }, t("depend.table", { n: whole(rows.length) })),
  ];
}

/** What closing a point would take from whom, in its card. */
export function pointDependents(id, { state, data, set }) {
  if (data.before) return null; // the answer is about the district as it is
  if (state.depend !== "1") return h("button.wide", { type: "button", "data-key": "depend-ask", onclick: () => set({ depend: "1" }) }, t("depend.ask"));
  if (!data.dependents) return h("p.say", { "aria-busy": "true" }, t("depend.working"));
  const row = dependentsOf(data, id);
  if (!row) return h("p.say", {}, t("depend.closed"));
  const category = data.detail.standard.categories.find((c) => c.id === row.category);
  return [
    h("h3", {}, t("depend.title")),
    h("p.lead", {}, h("strong", { id: "dependents" }, whole(row.dependents)), h("span", {}, t("depend.lose", { category: termOf(category), n: within(data.coverage, category).n }))),
    facts([t("column.dependents_all"), whole(row.dependents_all)], [t("column.reached"), whole(row.reached)]),
  ];
}
