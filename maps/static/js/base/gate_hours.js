// Control for the weekday and hour at which gates, ways and service points are open or closed; shown where any has opening hours.

import { h } from "./dom.js";
import { language, t, whole } from "./words.js";

export const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const FIRST_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const LAYERS = ["service_points", "gates", "walk_edges"];
const AT_FIRST = "22:00"; // when a day is chosen before an hour: the question is most often about the night

export const MOMENT = new RegExp(`^(${DAYS.join("|")}) ([01]\\d|2[0-3]):00$`);

const day = (number, weekday) => new Intl.DateTimeFormat(language(), { weekday, timeZone: "UTC" }).format(FIRST_MONDAY + number * DAY_MS);
export const dayName = (number) => day(number, "long");
export const dayShort = (number) => day(number, language() === "zh" ? "narrow" : "short");

/** A moment in words: "Tu 22:00" is Tuesday 22:00. */
export const momentText = (moment) => moment.replace(/^\w+/, (day) => dayName(DAYS.indexOf(day)));

const choice = (key, label, options, chosen, choose) =>
  h("select", { "data-key": key, "aria-label": label, onchange: (e) => choose(e.target.value) }, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));

/** What the service says of opening hours at that time; null while it has not been asked. */
function told(hoursAt) {
  if (!hoursAt) return null;
  const sum = (figure) => LAYERS.reduce((n, layer) => n + hoursAt[layer][figure], 0);
  const unread = sum("unreadable") ? ` · ${t("hours.unreadable", { n: whole(sum("unreadable")) })}` : "";
  const each = LAYERS.map((layer) => t(`hours.${layer}`, { n: whole(hoursAt[layer].closed), known: whole(hoursAt[layer].with_hours), all: whole(hoursAt[layer].rows) }));
  return h("p.foot", { id: "hours-told" }, each.join(" · "), unread);
}

const anyHours = (features) => features?.some((feature) => feature.properties.opening_hours);

/** Whether the data knows any opening hours, so that an hour can be asked for. */
export const hasHours = ({ gates, points }) => Boolean(anyHours(gates?.features) || anyHours(points?.features));

/** The control, or nothing where no gate has hours. */
export function hours({ state, data, set }) {
  if (!hasHours(data)) return null;
  const [day, hour] = state.moment.split(" ");
  const days = [["", t("hours.any")], ...DAYS.map((name, number) => [name, dayName(number)])];
  const clock = Array.from({ length: 24 }, (_, n) => `${String(n).padStart(2, "0")}:00`).map((text) => [text, text]);
  return [
    h("h2", {}, t("hours.title")),
    h(
      "div.pick.wide",
      { id: "hours" },
      choice("hours-day", t("hours.day"), days, day, (value) => set({ moment: value && `${value} ${hour ?? AT_FIRST}` })),
      day ? choice("hours-hour", t("hours.hour"), clock, hour, (value) => set({ moment: `${day} ${value}` })) : null,
    ),
    told(data.coverage.hours_at),
  ];
}
