// The week of a place: what share of its households is covered at each of 168 hours, from the answer about the week.

import { DAYS } from "../base/gate_hours.js";

export const HOURS = 168;

/** The moment, as the address has it, at which an hour of the week begins: 46 is "Tu 22:00". */
export const momentOf = (hour) => `${DAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, "0")}:00`;

/** The hour of the week of a moment; -1 for none. */
export const hourOf = (moment) => (moment ? 24 * DAYS.indexOf(moment.slice(0, 2)) + Number(moment.slice(3, 5)) : -1);

/** Whether each hour is in a text such as "Mo-Fr 06-22; Sa 08-12"; "24/7" is all, nothing none. */
export function hoursIn(text) {
  if (text === "24/7") return Array(HOURS).fill(true);
  const within = Array(HOURS).fill(false);
  for (const part of text.split("; ").filter(Boolean)) {
    const [days, times] = part.split(" ");
    const [first, last] = days.split("-").map((day) => DAYS.indexOf(day));
    for (const span of times.split(",")) {
      const [from, to] = span.split("-").map(Number);
      for (let day = first; day <= (last ?? first); day += 1) within.fill(true, 24 * day + from, 24 * day + to);
    }
  }
  return within;
}

/** What stands behind a strip: "all" where the map shows every category or their number. */
export const stripOf = (show) => (["all", "count"].includes(show) ? "all" : show);

/** The households of the district that are covered at each hour. */
export const ofDistrict = (week, show) => ({ households: week.households, covered: week.total[stripOf(show)].covered });

/** The same of a grid; null where the answer is of another level. `households` are those that live there. */
export function ofGrid(week, code, households, show) {
  const row = week.rows.find((each) => each.code === code);
  return row ? { households, covered: row.covered[stripOf(show)] } : null;
}

/** The same of a building, which is covered as a whole or not. */
export function ofBuilding(week, id, show) {
  const row = week.rows.find((each) => each.building_id === id);
  if (!row) return null;
  const whole = hoursIn(row.hours[stripOf(show)]);
  return { households: row.households, covered: whole.map((yes) => (yes ? row.households : 0)), whole };
}
