// Panel "View": level of grid, category shown, layers switched on or off.

import { badge, bar, share as shareText } from "../base/category_bars.js";
import { byId, check, fill, h, segment } from "../base/dom.js";
import { hours } from "../base/gate_hours.js";
import { LEVELS } from "../map/layers.js";
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
    row({ value: "all", mark: plain("∩"), name: t("show.all", { k: categories.length }), share: total.coverage_all, figure: h("b", {}, percent(total.coverage_all)) }),
    row({
      value: "count",
      mark: plain("#"),
      name: t("show.count"),
      share: total.households ? total.count_mean / categories.length : 0,
      figure: h("b", {}, total.households ? decimal(total.count_mean) : "–"),
    }),
    h("li.rule", { role: "presentation" }),
    categories.map((category, at) => {
      const { coverage } = total.categories[category.id];
      return row({ value: category.id, mark: badge(category, at), name: termOf(category), share: coverage, figure: shareText(category, coverage, data.coverage.without_points) });
    }),
  );
}


/** Draw the panel of `ctx` for the task View. */
export function renderView({ state, data, set, ask }) {
  const box = byId("panel");
  if (!data.coverage) return fill(box);
  const { counts } = data.detail;
  return fill(
    box,
    h("h2", {}, t("panel.grids")),
    segment(t("panel.grids"), LEVELS.toReversed().map((level) => [level, `${t(`level.${level}_short`)} ${whole(counts[level])}`]), state.level, (level) => set({ level })),
    h("h2", {}, t("panel.show")),
    questions({ state, data, set }),
    hours({ state, data, set }),
    h("h2", {}, t("panel.marks")),
    h(
      "div.checks",
      {},
      check("points", t("panel.points", { n: whole(counts.service_points) }), state.points === "1", set),
      check("squares", t("panel.squares"), state.squares === "1", set),
      check("ground", t("panel.ground"), state.ground === "1", set),
    ),
    h("p.foot", {}, h("a", { href: ask.fileHref({ lang: language(), minutes: state.minutes, profile: state.profile }), download: `${state.district}.html` }, t("panel.file")), " · ", h("a", { href: "docs" }, t("panel.docs"))),
  );
}
