// Panel "Gaps": uncovered households ranked by grid or by area; choosing a row frames it on the map.

import { badge } from "../base/category_bars.js";
import { byId, fill, h, segment } from "../base/dom.js";
import { within } from "../base/threshold_words.js";
import { termMark } from "../base/term.js";
import { nameOf, percent, t, termOf, whole } from "../base/words.js";

const PAGE = 100; // rows drawn at a time; the rest is one press away and counted
let shown = PAGE;
let listed = "";

export const rowKey = (row) => `row:${row.category}:${row.code}`;
export const areaKey = (area) => `area:${area.category}:${area.area_id}`;

const meets = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** The gap a key of the state means, as {category, code, bbox, geometries}; null when it is gone. */
export function findGap(key, { rows, areas }) {
  const row = rows.find((r) => rowKey(r) === key);
  if (row) {
    const near = areas.filter((a) => a.category === row.category && meets(a.bbox, row.bbox));
    return { category: row.category, code: row.code, bbox: row.bbox, geometries: near.map((a) => a.geometry) };
  }
  const area = areas.find((a) => areaKey(a) === key);
  return area ? { category: area.category, code: null, bbox: area.bbox, geometries: [area.geometry] } : null;
}

function gapButton({ key, state, set, category, mark, name, detail, households, coverage, rank }) {
  return h(
    "li",
    {},
    h(
      "button.gap",
      {
        type: "button",
        "data-key": key,
        "data-gap": key,
        "aria-pressed": String(state.gap === key),
        onclick: () => set({ gap: key, show: category }),
      },
      h("span.rank", {}, whole(rank)),
      mark,
      h("span.name", {}, name, h("small", {}, detail)),
      h("b", {}, whole(households), h("small", {}, t("unit.households", { n: whole(households) })), coverage === undefined ? null : h("small.under", {}, t("gaps.covered", { coverage: percent(coverage) }))),
    ),
  );
}

function filter({ state, categories, set }) {
  const option = (value, text) => h("option", { value, selected: value === state.gapcat }, text);
  return h(
    "label.pick.wide",
    {},
    h("span", {}, t("gaps.filter")),
    h(
      "select",
      { id: "gap-category", "data-key": "gap-category", onchange: (e) => set({ gapcat: e.target.value, gap: "" }) },
      option("", t("gaps.every")),
      option("all", t("gaps.at_least_one")),
      categories.map((c) => option(c.id, termOf(c))),
    ),
  );
}

/** Draw the panel of `ctx` for the task Gaps. */
export function renderGaps({ state, data, set, rerender }) {
  const box = byId("panel");
  if (!data.gaps || !data.coverage) return fill(box, h("h2", {}, t("gaps.title")));
  const { categories } = data.detail.standard;
  const position = new Map(categories.map((c, at) => [c.id, at]));
  const term = (id) => (position.has(id) ? termOf(categories[position.get(id)]) : t("gaps.at_least_one"));
  const mark = (id) => (position.has(id) ? badge(categories[position.get(id)], position.get(id)) : h("i.badge.plain", { "aria-hidden": "true" }, "∩"));

  // "Each category" leaves out the rows that stand for lacking at least one: they repeat the others.
  const listedRow = (row) => data.gaps.category || row.category !== "all";
  const items = state.gapby === "area" ? data.gaps.areas : data.gaps.rows.filter(listedRow);
  const list = `${state.gapby} ${state.gapcat} ${state.level} ${data.detail.code}`;
  if (list !== listed) shown = PAGE;
  listed = list;
  const common = (item, key, rank) => ({ key, rank, state, set, category: item.category, mark: mark(item.category), households: item.households });
  const rows = items.slice(0, shown).map((item, at) =>
    state.gapby === "area"
      ? gapButton({ ...common(item, areaKey(item), at + 1), name: t("gaps.area", { n: whole(item.buildings) }), detail: term(item.category) })
      : gapButton({ ...common(item, rowKey(item), at + 1), name: item.code ? nameOf(item) || item.code : t("fact.no_grid"), detail: item.unlinked ? t("gaps.unlinked", { category: term(item.category), unlinked: whole(item.unlinked) }) : term(item.category), coverage: item.coverage }),
  );
  return fill(
    box,
    h("h2", {}, t("gaps.title"), termMark(state.gapby === "area" ? "gap_area" : "gap")),
    h("p.say", {}, t("gaps.say", within(data.coverage))),
    filter({ state, categories, set }),
    segment(t("gaps.by"), [["grid", t("gaps.by_grid", { level: t(`level.${state.level}`) })], ["area", t("gaps.by_area")]], state.gapby, (gapby) => set({ gapby, gap: "" })),
    items.length ? h("ol.gaps", {}, rows) : h("p.say.none", {}, t(data.detail.counts[state.level] ? "gaps.none" : "gaps.no_grids")),
    items.length > shown
      ? h("button.more", { type: "button", "data-key": "more", onclick: () => { shown += PAGE; rerender(); } }, t("gaps.more", { shown: whole(shown), all: whole(items.length) }))
      : null,
  );
}
