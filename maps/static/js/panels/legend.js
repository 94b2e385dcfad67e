// Legend: title and unit, classes with counts, symbols, origin of the data.

import { CHANGE_COLOURS, changeText } from "../base/difference_classes.js";
import { LOAD_COLOURS } from "../data/beats.js";
import { COLOURS, rangeText } from "../base/classes.js";
import { byId, fill, h } from "../base/dom.js";
import { crossed, hatched, plain } from "../base/swatch.js";
import { whichOf } from "../base/judged.js";
import { legendText } from "../map/isochrone.js";
import { within } from "../base/threshold_words.js";
import { termMark } from "../base/term.js";
import { t, termOf, whole } from "../base/words.js";

function title({ state, data }) {
  const { categories } = data.detail.standard;
  const category = categories.find((c) => c.id === state.show);
  const { n } = within(data.coverage, category);
  const k = data.coverage.judged.length;
  if (data.before) return category ? t("change.category", { category: termOf(category), n }) : t(`change.${whichOf(data)}`, { k, n });
  if (state.show === "count") return t("legend.count", { k, n });
  return category ? t("legend.category", { category: termOf(category), n }) : t(`legend.${whichOf(data)}`, { k, n });
}

const step = (kind, swatch, text, count) => h(`li${kind}`, {}, swatch, h("span", {}, text), h("small", {}, whole(count)));
const mark = (symbol, text, figures, term) => h("li", {}, symbol, h("span", {}, text), figures ? h("small", {}, figures) : null, term ? termMark(term) : null);

/** The term of the glossary that the title is of. */
const titleTerm = ({ show }) => ({ all: "all_covered", count: "count_mean" })[show] ?? "coverage";

/** What the marks say about where the data comes from. */
function origins({ state, data }) {
  const has = (collection, key, value) => collection?.features.some((f) => f.properties[key] === value);
  const grids = data.grids[state.level];
  return [
    has(grids, "origin", "synthetic") ? mark(h("i.dotted"), t("legend.synthetic"), "", "synthetic") : null,
    has(grids, "origin", "drawn") ? mark(h("i.outline"), t("legend.drawn")) : null,
    data.coverage.small_counts ? mark(h("i.tilde", {}, "≈"), t("legend.protected"), "", "small_counts") : null,
    has(data.buildings, "households_source", "estimated") ? mark(h("i.tilde", {}, "≈"), t("legend.estimated"), "", "synthetic") : null,
  ];
}

/** Six classes of a change around the blank of none. */
function changeRamp({ change, zero, none }) {
  const steps = CHANGE_COLOURS.map((colour, at) => step("", plain(colour), changeText(at), change[at]));
  const blank = step("", plain(), t("change.none"), zero);
  return [...steps.slice(0, steps.length / 2), blank, ...steps.slice(steps.length / 2), none ? step(".none", hatched(), t("legend.no_data"), none) : null];
}

/** The loads of the beats, and the ground that nobody looks after. */
function beatsLegend({ state, data }) {
  const { loads, nobody, none } = data.counts;
  const { workers, low, high } = data.beats.lifecircle;
  const words = [t("legend.light", { low: whole(low) }), t("legend.in_band", { low: whole(low), high: whole(high) }), t("legend.heavy", { high: whole(high) })];
  return [
    h("p.legend-title", {}, h("b", {}, t("legend.beats"), termMark("beat")), workers ? h("span", {}, t("legend.beats_units")) : null),
    workers ? h("ul.ramp.loads", {}, LOAD_COLOURS.map((colour, at) => step("", plain(colour), words[at], loads[at]))) : null,
    h(
      "ul.marks",
      {},
      nobody ? mark(crossed(), t("legend.nobody"), whole(nobody)) : null,
      none ? mark(hatched(), t("legend.no_data"), whole(none)) : null,
      workers ? mark(h("i.outline.beat"), t("legend.beat")) : null,
      origins({ state, data }),
    ),
  ];
}

/** Draw the legend of `ctx`. */
export function renderLegend({ state, data }) {
  const box = byId("legend");
  box.hidden = !data.counts;
  if (!data.counts) return fill(box);
  if (data.counts.loads) return fill(box, beatsLegend({ state, data }));
  const { classes, none, buildings, moved } = data.counts;
  const categories = data.coverage.judged.length;
  const told = (count) => t("legend.squares", { buildings: whole(count.buildings), households: whole(count.households) });
  const figures = (status) => told(buildings[status]);
  const circle = (kind) => (moved?.[kind].buildings ? mark(h(`i.mark.${kind}`), t(`legend.${kind}`), told(moved[kind]), "gained_lost") : null);
  const square = (status, kind) => (buildings[status].buildings && state.squares === "1" ? mark(h(`i.square${kind}`), t(`legend.${status}`), figures(status), status === "unlinked" ? "unlinked" : "gap") : null);
  return fill(
    box,
    h(
      "p.legend-title",
      {},
      h("b", {}, title({ state, data }), termMark(titleTerm(state))),
      h("span", {}, t("legend.units", { unit: t(moved ? "legend.unit_change" : state.show === "count" ? "legend.unit_count" : "legend.unit_share"), level: t(`level.${state.level}`) })),
    ),
    h(
      "ul.ramp",
      {},
      moved
        ? changeRamp(data.counts)
        : [
            COLOURS.map((colour, at) => step("", plain(colour), rangeText(at, state.show, categories), classes[at])),
            none ? step(".none", hatched(), t(data.coverage.without_points.includes(state.show) ? "without.cell" : "legend.no_data"), none) : null,
          ],
    ),
    h("ul.marks", {}, data.dependents && !data.before ? mark(h("i.ring.dependent"), t("legend.dependents")) : null, circle("gained"), circle("lost"), data.before && data.answer.buildings_cut ? mark(null, t("legend.cut", { n: whole(data.answer.buildings.length) })) : null, data.isochrone?.features.length ? mark(h("i.ring"), legendText(data.isochrone), "", "isochrone") : null, square("beyond", ""), square("unlinked", ".hollow"), origins({ state, data })),
  );
}
