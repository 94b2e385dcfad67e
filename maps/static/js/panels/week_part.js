// "Through the week" in the card of the district, a grid or a building: a strip of hours and what it says in words.

import { h } from "../base/dom.js";
import { hasHours, momentText } from "../base/gate_hours.js";
import { within } from "../base/threshold_words.js";
import { weekStrip } from "../base/week_strip.js";
import { hourOf, momentOf, stripOf } from "../data/week.js";
import { percent, t, termOf, whole } from "../base/words.js";

/** Of the hours with most and with fewest households the first, in words. */
function extremes({ households, covered, whole: all }) {
  if (all) return all.every(Boolean) ? t("week.always") : all.some(Boolean) ? t("week.sometimes", { n: all.filter(Boolean).length }) : t("week.never");
  if (!households) return t("legend.no_data");
  const [most, least] = [Math.max(...covered), Math.min(...covered)];
  if (most === least) return t("week.same", { share: percent(most / households) });
  const at = (value) => momentText(momentOf(covered.indexOf(value)));
  return t("week.range", { best: percent(most / households), best_at: at(most), worst: percent(least / households), worst_at: at(least) });
}

/** What planners say of the district: nights without, the hours of a weekday at which as many have it as ever. */
function ofDistrict(figures, n) {
  const said = [];
  if (figures.weekdays && figures.best.households > figures.worst.households) said.push(t("week.weekdays", figures.weekdays));
  if (figures.not_at_night) said.push(t("week.not_at_night", { n, households: whole(figures.not_at_night) }));
  return said;
}

/** How far the data knows: without hours of its own everything counts as open. */
function known({ hours }) {
  const { rows, with_hours, unreadable } = hours.service_points;
  return t("week.known", { rows: whole(rows), known: whole(with_hours) }) + (unreadable ? ` · ${t("hours.unreadable", { n: whole(unreadable) })}` : "");
}

/**
 * The part of a card; nothing where the data has no hours, or a scenario is shown.
 * @param {object} ctx of the page
 * @param {(week, show) => object|null} read takes the place's own strip from the answer
 */
export function weekPart({ state, data, set }, read, { district = false } = {}) {
  if (data.before || !hasHours(data)) return null;
  const open = state.week === "1";
  const title = h("h3.with-action", {}, t("week.title"), h("button.plain", { type: "button", "data-key": "week", "aria-expanded": String(open), onclick: () => set({ week: open ? "0" : "1" }) }, t(open ? "week.close" : "week.open")));
  if (!open) return title;
  const strip = data.week && read(data.week, state.show);
  if (!strip) return [title, h("p.say", { "aria-busy": "true" }, t("week.working"))];
  const category = data.detail.standard.categories.find((c) => c.id === state.show);
  const { n } = within(data.coverage, category);
  const name = t("week.of", { category: category ? termOf(category) : t("week.all"), n });
  const shares = strip.covered.map((covered) => (strip.households ? covered / strip.households : null));
  const chosen = hourOf(state.moment);
  const said = [extremes(strip), ...(district ? ofDistrict(data.week.total[stripOf(state.show)], n) : [])];
  return [
    title,
    h("p.say", {}, name),
    weekStrip({ shares, chosen, name, choose: (hour) => set({ moment: hour === chosen ? "" : momentOf(hour) }) }),
    h("p.week-said", {}, said.join(t("week.stop"))),
    h("p.say", {}, known(data.week)),
  ];
}
