// Inspector: card of the selected grid, building, service point or place; of the district when nothing is selected.

import { badge, bar, coverageBars } from "../base/category_bars.js";
import { judgedOf, whichOf } from "../base/judged.js";
import { beatCard, beatGridCard, beatsCard } from "./beat_card.js";
import { facts, head } from "../base/card_parts.js";
import { byId, fill, h } from "../base/dom.js";
import { parseEdits, pointOf } from "../data/edits.js";
import { isochronePart, placeOf } from "../map/isochrone.js";
import { limitOf } from "../base/threshold.js";
import { within } from "../base/threshold_words.js";
import { decimal, minutesOf, nameOf, noteOf, percent, t, termOf, whole } from "../base/words.js";
import { statusOf } from "../data/feature_state.js";
import { whyPart } from "../map/explanation.js";
import { LINK } from "../map/place_queries.js";
import { ofBuilding, ofDistrict, ofGrid } from "../data/week.js";
import { pointDependents } from "./dependents_part.js";
import { weekPart } from "./week_part.js";

function district(ctx) {
  const { data } = ctx;
  const { detail, coverage } = data;
  const { total, outside } = coverage;
  return [
    head(t("inspector.district"), nameOf(detail), { code: detail.code }),
    noteOf(detail) ? h("p.note", {}, noteOf(detail)) : null,
    facts(
      [t("fact.households"), whole(total.households)],
      [t("fact.buildings"), whole(total.buildings)],
      [t("fact.covered_all"), whole(total.covered_all), "all_covered"],
      [t("fact.unlinked"), whole(total.unlinked), "unlinked"],
      [t("fact.outside"), t("fact.outside_value", { buildings: whole(outside.buildings), households: whole(outside.households) })],
      [t("fact.points"), whole(detail.counts.service_points), "point"],
      [t("fact.workers"), whole(detail.counts.workers), "worker"],
    ),
    total.count ? [h("h3", {}, t("inspector.spread")), spread(total, coverage.judged.length)] : null,
    weekPart(ctx, ofDistrict, { district: true }),
    h("p.hint", {}, t("inspector.hint")),
  ];
}

/** How many households reach 0, 1 .. of the `judged` categories, as columns. */
function spread(row, judged) {
  const most = Math.max(...row.count, 1);
  return h(
    "ol.spread",
    {},
    row.count.filter((households, reached) => reached <= judged || households).map((households, reached) => {
      const words = t("inspector.spread_one", { reached, households: whole(households) });
      return h("li", { title: words }, h("i", { style: { height: `${(households / most) * 100}%` } }), h("span", { "aria-label": words }, String(reached)));
    }),
  );
}

/** A picture is drawn around the place that was clicked, or the one it is drawn around already. */
const around = ({ state, lastPlace }) => (state.iso ? placeOf(state.iso) : lastPlace);

/** The organisations that belong to a grid or serve it: what each is, its name, how many they are. */
function organisationsOf(data, code) {
  const own = (data.organisations?.features ?? []).map((f) => f.properties).filter((o) => o.grid_code === code);
  return own.map(({ role, kind, name, members }) => [t(`organisation.${kind ?? role}`), members === null ? name : `${name} (${whole(members)})`]);
}

function grid(code, ctx) {
  const { data, state, set, close, zoom } = ctx;
  const row = data.coverage.rows.find((r) => r.code === code);
  const feature = data.grids[data.coverage.by]?.features.find((f) => f.properties.code === code);
  if (!row) return null;
  const worker = feature?.properties.worker;
  return [
    head(t(`level.${row.level}_one`), nameOf(row) || row.code, { code: row.code, close }),
    h("p.lead", {}, h("strong", { id: "grid-coverage" }, percent(row.coverage_all)), h("span", {}, t(`reach.${whichOf(data)}`, { covered: whole(row.covered_all), households: whole(row.households) }))),
    facts(
      [t("fact.households"), whole(row.households)],
      [t("fact.buildings"), whole(row.buildings)],
      [t("fact.count_mean"), row.households && row.count ? decimal(row.count_mean) : "–", "count_mean"],
      [t("fact.unlinked"), whole(row.unlinked), "unlinked"],
      row.parent_code ? [t("fact.parent"), row.parent_code] : null,
      worker ? [t("fact.worker"), h("button.link", { type: "button", "data-key": "worker", onclick: () => set({ task: "beats", pick: `beat:${worker}` }) }, worker), "worker"] : null,
      feature ? [t("fact.origin"), t(`origin.${feature.properties.origin}`), "synthetic"] : null,
      ...organisationsOf(data, code),
    ),
    around(ctx) ? isochronePart(ctx, around(ctx)) : null,
    h("h3", {}, t("inspector.ten", within(data.coverage))),
    coverageBars(data.detail.standard.categories, row, { shown: state.show, without: data.coverage.without_points }),
    weekPart(ctx, (week, show) => ofGrid(week, code, row.households, show)),
    h("button.wide", { type: "button", "data-key": "zoom", onclick: zoom }, t("inspector.zoom")),
  ];
}

function timeCell(cell, threshold_s) {
  const status = statusOf(cell, threshold_s);
  if (status === "unlinked") return [status, t("status.unlinked"), null];
  if (cell.time_s === null) return [status, t("status.unreached"), null];
  return [status, t("unit.minutes", { n: minutesOf(cell.time_s) }), cell.time_s];
}

function building(id, ctx) {
  const { data, state, set, close, walkTo, walk } = ctx;
  const row = data.times?.rows.find((r) => r.building_id === id);
  const feature = data.buildings?.features.find((f) => f.properties.building_id === id);
  if (!row || !feature) return null;
  const limit = (category) => limitOf(data.coverage.thresholds, category.id);
  const names = data.pointNames;
  const source = feature.properties.households_source;
  const lines = data.detail.standard.categories.map((category, at) => {
    const cell = row.categories[category.id];
    const unknown = data.coverage.without_points.includes(category.id);
    const [status, text, seconds] = unknown ? ["without", t("without.cell"), 0] : timeCell(cell, limit(category));
    const target = cell.to ? pointOf(cell.to, parseEdits(state.edits), data).name : cell.point_id ? names.get(cell.point_id) || t("inspector.unnamed") : "";
    const chosen = walk?.point === cell.point_id && walk?.category === category.id;
    const inner = [
      badge(category, at),
      h("span.name", {}, termOf(category), h("small", {}, chosen && walk.metres ? t("inspector.walk", { metres: whole(walk.metres), name: target }) : target)),
      bar(seconds === null ? 1 : seconds / (2 * limit(category)), { tick: 0.5, weak: !["covered", "without"].includes(status) }),
      h("b", { class: status }, text, cell.was === undefined ? null : h("s.was", {}, timeCell({ ...cell, time_s: cell.was }, limit(category))[1])),
    ];
    const asked = state.why === category.id;
    return h(
      "li",
      { "data-category": category.id, "data-status": status },
      cell.point_id
        ? h("button.question", { type: "button", "data-key": `walk-${category.id}`, "aria-pressed": String(Boolean(chosen)), title: t("inspector.show_walk"), onclick: () => walkTo(row, category.id, cell.point_id) }, inner)
        : h("div.question", {}, inner),
      status === "covered" || unknown || data.before
        ? null
        : h("button.plain.why-ask", { type: "button", "data-key": `why-${category.id}`, "data-why": category.id, "aria-expanded": String(asked), onclick: () => set({ why: asked ? "" : category.id }) }, t("why.ask")),
      asked && !data.before ? whyPart(ctx, category.id) : null,
    );
  });
  const reached = data.detail.standard.categories.filter((c) => statusOf(row.categories[c.id], limit(c)) === "covered").length;
  return [
    head(t("inspector.building"), feature.properties.name || row.building_id, { code: feature.properties.name ? row.building_id : "", close }),
    h("p.lead", {}, h("strong", { id: "building-reached" }, `${reached} / ${judgedOf(data).judged.length}`), h("span", {}, t("inspector.reached", within(data.coverage)))),
    facts(
      [t("fact.households"), `${whole(row.households)} · ${t(`source.${source}`)}`],
      [t("fact.use"), t(`use.${feature.properties.use}`)],
      [t("fact.grid"), feature.properties.small ?? t("fact.no_grid")],
    ),
    isochronePart(ctx, [row.lon, row.lat]),
    h("h3", {}, t("inspector.times", within(data.coverage))),
    h("ul.bars.tall", {}, lines),
    data.before ? h("p.say", {}, t("inspector.times_before")) : null,
    weekPart(ctx, (week, show) => ofBuilding(week, id, show)),
  ];
}

/** What is known of a row beside what every row has, as the service declares its columns. */
function knownOf(columns, properties) {
  const shown = (name, kind, value, unit) => {
    const word = `${name}_${value}`;
    if (kind === "words") return t(`value.${word}`);
    if (kind === "bool") return t(value ? "fact.yes" : "fact.no");
    return kind === "str" ? value.replaceAll(";", "; ") : `${decimal(value)} ${unit}`;
  };
  return columns
    .filter(({ name }) => (properties[name] ?? null) !== null)
    .map(({ name, kind, unit }) => [t(`column.${name}`), shown(name, kind, properties[name], unit)]);
}

/** Why a service point meets no way, and what would link it. */
function unlinkedWhy(ctx) {
  const asked = ctx.state.why === LINK;
  return [
    h("button.wide", { type: "button", "data-key": "why-link", "data-why": LINK, "aria-expanded": String(asked), onclick: () => ctx.set({ why: asked ? "" : LINK }) }, t("why.ask")),
    asked ? whyPart(ctx, LINK, ctx.state.show) : null,
  ];
}

function point(id, ctx) {
  const { data, close, toolFor, addEdit } = ctx;
  const feature = data.points?.features.find((f) => f.properties.point_id === id);
  if (!feature) return null;
  const { name, category, sub, origin, linked, in_district: inside, reason } = feature.properties;
  const { categories, beside } = data.detail.standard;
  const at = categories.findIndex((c) => c.id === category);
  const known = categories[at] ?? beside.find((group) => group.id === category);
  const kind = known?.kinds.find((each) => each.id === sub);
  return [
    head(t("inspector.point"), name || t("inspector.unnamed"), { code: id, close }),
    known ? h("p.lead.category", {}, badge(known, at), h("span", {}, termOf(known))) : null,
    facts(
      sub ? [t("fact.sub"), kind ? termOf(kind) : sub] : null,
      known && at < 0 ? [t("fact.counts"), t("fact.counts_nowhere")] : null,
      [t("fact.origin"), t(`origin.${origin}`), "synthetic"],
      [t("fact.inside"), inside ? t("fact.yes") : t("fact.neighbour")],
      [t("fact.linked"), linked ? t("fact.yes") : t(`reason.${reason || "no_network"}`), "access_leg"],
      ...knownOf(data.points.lifecircle.columns, feature.properties),
    ),
    linked || data.before ? null : unlinkedWhy(ctx),
    at < 0 ? null : pointDependents(id, ctx),
    ctx.state.as_of ? null : h(
      "div.actions",
      {},
      h("button.wide", { type: "button", "data-key": "move-point", onclick: () => toolFor("move_point", id) }, t("tool.move_point")),
      h("button.wide", { type: "button", "data-key": "close-point", onclick: () => addEdit({ op: "close_point", point_id: id }) }, t("tool.close_point")),
    ),
    isochronePart(ctx, feature.geometry.coordinates, "to"),
  ];
}

function place(text, ctx) {
  const at = placeOf(text);
  return [
    head(t("inspector.place"), at.map((degrees) => degrees.toFixed(5)).join(", "), { close: ctx.close }),
    ctx.state.as_of ? null : h("button.wide", { type: "button", "data-key": "add-here", onclick: () => ctx.addAt(at) }, t("inspector.add_here")),
    isochronePart(ctx, at),
  ];
}

const KINDS = { grid, building, point, place };
const OF_BEATS = { beat: beatCard, grid: beatGridCard };

/** Draw the inspector of `ctx`. */
export function renderInspector(ctx) {
  const box = byId("inspector");
  if (!ctx.data.coverage) return fill(box);
  const [kind, ...rest] = ctx.state.pick.split(":");
  const beats = ctx.state.task === "beats";
  const view = (beats ? OF_BEATS : KINDS)[kind]?.(rest.join(":"), { ...ctx, close: () => ctx.set({ pick: "" }) });
  box.dataset.kind = view ? kind : beats ? "beats" : "district";
  return fill(box, view ?? (beats ? beatsCard : district)(ctx));
}
