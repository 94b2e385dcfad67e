// Headline figures of the district for the chosen profile and threshold; each opens the rows behind it.

import { changeOf, signed } from "../base/difference_classes.js";
import { shareOf } from "../base/classes.js";
import { worst } from "../base/category_bars.js";
import { renderBeatsHeadline } from "./beats_panel.js";
import { byId, fill, h } from "../base/dom.js";
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
  if (base !== undefined) return base === text ? [text] : [text, h("s.was", { "aria-label": t("whatif.was", { value: base }) }, base)];
  if (!fresh || old === undefined || old === text) return [text];
  const was = h("s.was", { "aria-hidden": "true" }, old);
  setTimeout(() => was.remove(), STRUCK_MS);
  return [text, was];
}

/** The names of categories, one after the other. */
const listed = (categories) => categories.map(termOf).join(t("without.comma"));

function lead({ total, show, category, minutes, metres, categories, missing }) {
  if (missing.includes(category)) return [t("without.cell"), t("without.points", { categories: termOf(category) })];
  if (show === "count") return [total.households ? `${decimal(total.count_mean)} / ${categories.length}` : "–", t("headline.count", { n: minutes, metres })];
  const words = category
    ? t("headline.category", { category: termOf(category), n: minutes, metres })
    : t("headline.all", { k: categories.length, n: minutes, metres });
  return [percent(shareOf(total, show, categories.length)), words];
}

/** The same figures of the district as it is, while a scenario is shown. */
function baseFigures({ before: coverage }, { category, show, categories }) {
  if (!coverage) return null;
  const { total } = coverage;
  const [big] = lead({ missing: [], total, show, category, categories });
  return { big, lacking: whole(total.households - (category ? total.categories[category.id].covered : total.covered_all)) };
}

/** Households that gain and households that lose by the scenario. */
function movedFigure({ coverage }, show) {
  const { gained, lost } = coverage.total.changes?.[changeOf(show)] ?? { gained: 0, lost: 0 };
  return h("p.figure", { id: "figure-moved" }, h("strong", {}, `${signed(gained)} / ${signed(-lost)}`), h("span", {}, t("headline.moved")));
}

/** Draw the headline of `ctx`. */
export function renderHeadline(ctx) {
  const { state, data, set } = ctx;
  const box = byId("headline");
  if (!data.coverage) return fill(box);
  if (state.task === "beats") return renderBeatsHeadline(ctx);
  const { total } = data.coverage;
  const { categories } = data.detail.standard;
  const category = categories.find((c) => c.id === state.show);
  const { minutes, metres } = data.coverage;
  const missing = categories.filter((c) => data.coverage.without_points.includes(c.id));
  const [big, words] = lead({ missing, total, show: state.show, category, minutes, metres: whole(metres), categories });
  const place = `${data.detail.code} ${state.show}`;
  const fresh = context === place; // strike only what changed in place, not another question
  if (!fresh) before = new Map();
  context = place;

  const base = baseFigures(data, { category, show: state.show, categories });
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
    button(
      { id: "figure-lacking", "data-key": "lacking", title: t("headline.open_gaps"), onclick: () => set({ task: "gaps", gapcat: category ? category.id : "all" }) },
      h("strong", {}, figure("lacking", whole(lacking), fresh, base?.lacking)),
      h("span", {}, category ? t("headline.lacking_category") : t("headline.lacking")),
    ),
    missing.length && !category
      ? h("p.figure", { id: "figure-without" }, h("strong", {}, t("without.figure", { n: missing.length })), h("span", {}, t("without.points", { categories: listed(missing) })))
      : null,
    base ? movedFigure(data, state.show) : null,
    low && !category && !missing.length && !base
      ? button(
          { id: "figure-worst", "data-key": "worst", title: t("headline.show_worst"), onclick: () => set({ show: low.id }) },
          h("strong", {}, figure("worst", percent(total.categories[low.id].coverage), fresh)),
          h("span", {}, t("headline.worst", { category: termOf(low) })),
        )
      : null,
    total.unlinked > 0
      ? h("p.figure", { id: "figure-unlinked" }, h("strong", {}, figure("unlinked", whole(total.unlinked), fresh)), h("span", {}, t("headline.unlinked")))
      : null,
  );
}
