// A strip of 7 days x 24 hours, coloured by the share of households; an hour that is pressed is asked for.

import { classOf, COLOURS } from "./classes.js";
import { h } from "./dom.js";
import { dayName, dayShort } from "./gate_hours.js";
import { percent, t } from "./words.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 };
const SHOWN = [0, 6, 12, 18]; // hours that are written above

/** Move the focus among the hours; the strip itself is one stop of the Tab key. */
function onKey(e) {
  const step = STEPS[e.key];
  const cells = [...e.currentTarget.querySelectorAll("button")];
  const at = cells.indexOf(document.activeElement) + (step ?? 0);
  if (!step || !cells[at]) return;
  e.preventDefault();
  e.stopPropagation();
  cells[at].focus();
}

/**
 * @param {object} given `shares` (168 numbers 0..1, or null where nobody lives), `chosen` (an hour or
 *   -1), `choose(hour)`, `name` for readers of screens
 */
export function weekStrip({ shares, chosen, choose, name }) {
  const stop = Math.max(chosen, 0); // where Tab comes in
  const cell = (hour) => {
    const words = t("week.hour", { day: dayName(Math.floor(hour / 24)), from: hour % 24, to: (hour % 24) + 1, share: percent(shares[hour]) });
    const cls = classOf(shares[hour]);
    return h("td", {}, h("button", {
      type: "button",
      "data-key": `week-${hour}`,
      "data-hour": hour,
      "aria-label": words,
      title: words,
      "aria-pressed": String(hour === chosen),
      tabindex: hour === stop ? "0" : "-1",
      style: { "--cell": cls < 0 ? "transparent" : COLOURS[cls] },
      onclick: () => choose(hour),
    }));
  };
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return h(
    "table.week",
    { "aria-label": name, onkeydown: onKey },
    h("thead", { "aria-hidden": "true" }, h("tr", {}, h("td"), SHOWN.map((hour) => h("th", { colspan: 6 }, String(hour))))),
    h("tbody", {}, Array.from({ length: 7 }, (_, day) => h("tr", {}, h("th", { scope: "row", title: dayName(day) }, dayShort(day)), hours.map((hour) => cell(24 * day + hour))))),
  );
}
