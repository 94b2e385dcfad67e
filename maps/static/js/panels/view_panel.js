// Panel "View": level of grid, category shown, layers switched on or off.

import { badge, bar, share as shareText } from "../base/category_bars.js";
import { byId, check, fill, h, segment } from "../base/dom.js";
import { shareOf } from "../base/classes.js";
import { hours } from "../base/gate_hours.js";
import { whichOf } from "../base/judged.js";
import { LEVELS } from "../map/layers.js";
import { termMark } from "../base/term.js";
import { dependentsPart } from "./dependents_part.js";
import { undoButton } from "./undo_change.js";
import { decimal, language, percent, t, termOf, whole } from "../base/words.js";

function question({ value, mark, name, share, figure, state, set }) {
  return h(
    "li",
    {},
    h(
      "button.question",
      { type: "button", "data-key": `show-${value}`, "data-show": value, "aria-pressed": String(state.show === value), onclick: () => set({ show: value }) },
      mark,
      h("span.name", {}, name),
      bar(share),
      figure,
    ),
  );
}

function questions({ state, data, set }) {
  const { categories } = data.detail.standard;
  const { total } = data.coverage;
  const plain = (text) => h("i.badge.plain", { "aria-hidden": "true" }, text);
  const row = (more) => question({ state, set, ...more });
  return h(
    "ul.bars.questions",
    {},
    row({ value: "all", mark: plain("∩"), name: t(`show.${whichOf(data)}`, { k: data.coverage.judged.length }), share: total.coverage_all, figure: h("b", {}, percent(total.coverage_all)) }),
    row({
      value: "count",
      mark: plain("#"),
      name: t("show.count"),
      share: shareOf(total, "count", data.coverage.judged.length),
      figure: h("b", {}, total.households ? decimal(total.count_mean) : "–"),
    }),
    h("li.rule", { "aria-hidden": "true" }),
    categories.map((category, at) => {
      const { coverage } = total.categories[category.id];
      return row({ value: category.id, mark: badge(category, at), name: termOf(category), share: coverage, figure: shareText(category, coverage, data.coverage.without_points) });
    }),
  );
}

/** Which categories the district itself names; nothing where all are of the standard alike. */
function namedBy({ categories }) {
  const own = categories.filter((category) => !category.proposed);
  const proposed = categories.length - own.length;
  return own.length && proposed ? h("p.say", { "data-named": "" }, t("show.named_by", { own: own.map(termOf).join(t("link.comma")), n: proposed })) : null;
}

/** What stands beside the categories: how many points there are; of public services, the windows that communities have. */
function beside({ data }) {
  const { windows, standard } = data.detail;
  const count = (id) => data.points?.features.filter((f) => f.properties.category === id).length ?? 0;
  return standard.beside.map((group) =>
    h(
      "p.beside",
      { "data-beside": group.id },
      badge(group, -1),
      h("span.name", {}, termOf(group), group.id === "public" && windows.grids ? h("small", {}, t("beside.windows", { met: whole(windows.met), grids: whole(windows.grids) })) : null),
      h("b", {}, t("beside.points", { n: whole(count(group.id)) })),
    ),
  );
}


/** Draw the panel of `ctx` for the task View. */
export function renderView(ctx) {
  const { state, data, set, ask } = ctx;
  const box = byId("panel");
  if (!data.coverage) return fill(box);
  const { counts } = data.detail;
  return fill(
    box,
    h("h2", {}, t("panel.grids"), termMark("grid")),
    segment(t("panel.grids"), LEVELS.toReversed().map((level) => [level, `${t(`level.${level}_short`)} ${whole(counts[level])}`]), state.level, (level) => set({ level })),
    state.level === "small" ? h("p.say", {}, t("level.small_meant")) : null,
    h("h2", {}, t("panel.show"), termMark("coverage")),
    questions({ state, data, set }),
    namedBy(data.detail.standard),
    data.detail.standard.beside.length ? [h("h2", {}, t("panel.beside")), beside({ data })] : null,
    hours({ state, data, set }),
    h("h2", {}, t("panel.marks"), termMark("barrier")),
    h(
      "div.checks",
      {},
      check("points", t("panel.points", { n: whole(counts.service_points) }), state.points === "1", set),
      check("amenity", t("panel.amenity"), state.amenity === "1", set),
      check("squares", t("panel.squares"), state.squares === "1", set),
      check("ground", t("panel.ground"), state.ground === "1", set),
      dependentsPart(ctx),
    ),
    undoButton(ctx),
    h("p.foot", {}, h("a", { href: ask.fileHref({ lang: language(), minutes: state.minutes, profile: state.profile }), download: `${state.district}.html` }, t("panel.file")), " · ", h("a", { href: `glossary?lang=${language()}` }, t("glossary.title")), " · ", h("a", { href: `docs?lang=${language()}` }, t("panel.docs"))),
  );
}
