// Headline figures of the district for the chosen profile and threshold; each opens the rows behind it.

import { changeOf, signed } from "../base/difference_classes.js";
import { shareOf } from "../base/classes.js";
import { worst } from "../base/category_bars.js";
import { renderBeatsHeadline } from "./beats_panel.js";
import { byId, fill, h } from "../base/dom.js";
import { judgedOf, listed, whichOf } from "../base/judged.js";
import { eachOwn, within } from "../base/threshold_words.js";
import { termMark } from "../base/term.js";
import { decimal, percent, t, termOf, whole } from "../base/words.js";

const STRUCK_MS = 2000;
let before = new Map(); // figure -> text last shown
let context = "";

/**
 * A figure; when it changed in place, the old value stays beside it, struck, for two seconds. The
 * value without the scenario, `base`, stays for as long as there is one.
 */
function figure(name, text, fresh, base) {
  const old = before.get(name);
  before.set(name, text);
  if (base !== undefined) return base === text ? [text] : [text, " ", h("s.was", { "aria-label": t("whatif.was", { value: base }) }, base)];
  if (!fresh || old === undefined || old === text) return [text];
  const was = h("s.was", { "aria-hidden": "true" }, old);
  setTimeout(() => was.remove(), STRUCK_MS);
  return [text, " ", was];
}

/** The first figure of `coverage` and its words. */
function lead({ detail, coverage }, { show, category }) {
  const { total, without_points } = coverage;
  const { judged } = judgedOf({ detail, coverage });
  const which = whichOf({ detail, coverage });
  const [near, own] = [within(coverage, category), eachOwn(coverage, category)];
  if (without_points.includes(category?.id)) return [t("without.cell"), t("without.points", { categories: termOf(category) })];
  if (show === "count") return [total.households ? `${decimal(total.count_mean)} / ${judged.length}` : "–", t("headline.count", near) + own];
  const words = category ? t("headline.category", { category: termOf(category), ...near }) : t(`headline.${which}`, { k: judged.length, ...near }) + own;
  return [percent(shareOf(total, show, judged.length)), words];
}

/** The same figures of the district as it is, while a scenario is shown. */
function baseFigures({ detail, before: coverage }, { category, show }) {
  if (!coverage) return null;
  const { total } = coverage;
  const [big] = lead({ detail, coverage }, { show, category });
  return { big, lacking: whole(total.households - (category ? total.categories[category.id].covered : total.covered_all)) };
}

/** Households that gain and households that lose by the scenario. */
function movedFigure({ coverage }, show) {
  const { gained, lost } = coverage.total.changes?.[changeOf(show)] ?? { gained: 0, lost: 0 };
  return h("p.figure", { id: "figure-moved" }, h("strong", {}, `${signed(gained)} / ${signed(-lost)}`), h("span", {}, t("headline.moved")));
}

/** The first figure at each pace that the standard compares: texts differ on how far 15 minutes are. */
function pacesFigure(coverage, { show, category }) {
  const paces = coverage.paces ?? [];
  if (!paces.length || coverage.without_points.includes(category?.id)) return null;
  const value = (pace) => (show === "count" ? decimal(pace.count_mean ?? 0) : percent(category ? pace.categories[category.id].coverage : pace.coverage_all));
  const each = (write) => paces.map(write).join(" · ");
  return h("p.figure", { id: "figure-paces" }, h("strong", {}, each(value)), h("span", {}, t("paces.figure", { metres: each((pace) => whole(pace.pace_m)) })));
}

/** Service points that meet no walkable way, so that nobody reaches them, if there are any. */
function unlinkedPointsFigure(lost) {
  if (!lost?.points) return null;
  const each = lost.named.map(({ name, point_id, reason }) => t("unlinked_points.one", { name: name || point_id, why: t(`unlinked_points.${reason}`) }));
  return h("p.figure", { id: "figure-unlinked-points", title: listed(each) }, h("strong", {}, whole(lost.points)), h("span", {}, t("unlinked_points.figure", { n: lost.points, first: each[0] })));
}

/** Households whose building meets no walkable way, the first buildings by name, if there are any. */
function unlinkedFigure(households, lost, fresh) {
  if (!(households > 0)) return null;
  const each = (lost?.named ?? []).map(({ name, building_id, reason, way }) => {
    const words = { name: name || building_id, why: t(`unlinked_points.${reason}`) };
    return way ? t("unlinked_buildings.one", { ...words, metres: whole(way.metres) }) : t("unlinked_points.one", words);
  });
  return asked(h("p.figure", { id: "figure-unlinked", title: listed(each) }, h("strong", {}, figure("unlinked", whole(households), fresh)), h("span", {}, t("headline.unlinked", { n: whole(households) }))), "unlinked");
}

/** Rows of another program that no figure is computed from, if there are any. */
function setAsideFigure(left) {
  if (!left) return null;
  const [{ layer, key, fault }] = left.named;
  return h("p.figure", { id: "figure-set-aside", title: fault }, h("strong", {}, whole(left.rows)), h("span", {}, t("headline.set_aside", { n: left.rows, first: `${layer} ${key}` })));
}

/** A figure, if there is one, with the mark of its term. */
const asked = (figure, term) => (figure ? [figure, termMark(term)] : null);

/** Draw the headline of `ctx`. */
export function renderHeadline(ctx) {
  const { state, data, set } = ctx;
  const box = byId("headline");
  if (!data.coverage) return fill(box);
  if (state.task === "beats") return renderBeatsHeadline(ctx);
  const { total } = data.coverage;
  const { categories } = data.detail.standard;
  const category = categories.find((c) => c.id === state.show);
  const { missing } = judgedOf(data);
  const [big, words] = lead(data, { show: state.show, category });
  const place = `${data.detail.code} ${state.show}`;
  const fresh = context === place; // strike only what changed in place, not another question
  if (!fresh) before = new Map();
  context = place;

  const base = baseFigures(data, { category, show: state.show });
  const covered = category ? total.categories[category.id].covered : total.covered_all;
  const lacking = total.households - covered;
  const low = worst(categories, total, data.coverage.without_points);
  const button = (props, ...inner) => h("button.figure", { type: "button", ...props }, ...inner);
  return fill(
    box,
    button(
      { id: "figure-main", "data-key": "main", title: t("headline.open_table"), onclick: () => set({ table: "1" }) },
      h("strong.big", {}, figure("big", big, fresh, base?.big)),
      h("span", {}, words),
    ),
    termMark(category ? "coverage" : state.show === "count" ? "count_mean" : "all_covered"),
    base ? null : asked(pacesFigure(data.coverage, { show: state.show, category }), "walker"),
    button(
      { id: "figure-lacking", "data-key": "lacking", title: t("headline.open_gaps"), onclick: () => set({ task: "gaps", gapcat: category ? category.id : "all" }) },
      h("strong", {}, figure("lacking", whole(lacking), fresh, base?.lacking)),
      h("span", {}, t(category ? "headline.lacking_category" : "headline.lacking", { n: whole(lacking) })),
    ),
    termMark("gap"),
    missing.length && !category
      ? h("p.figure", { id: "figure-without" }, h("strong", {}, t("without.figure", { n: missing.length })), h("span", {}, t("without.named", { categories: listed(missing) })))
      : null,
    missing.length && !category ? termMark("no_points") : null,
    base ? asked(movedFigure(data, state.show), "gained_lost") : null,
    low && !category && !base
      ? asked(button(
          { id: "figure-worst", "data-key": "worst", title: t("headline.show_worst"), onclick: () => set({ show: low.id }) },
          h("strong", {}, figure("worst", percent(total.categories[low.id].coverage), fresh)),
          h("span", {}, t("headline.worst", { category: termOf(low) })),
        ), "weakest")
      : null,
    unlinkedFigure(total.unlinked, data.coverage.unlinked_buildings, fresh),
    unlinkedPointsFigure(data.coverage.unlinked_points),
    setAsideFigure(data.coverage.set_aside),
  );
}
