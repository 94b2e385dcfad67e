// Explanation of an uncovered building: sentence, walk split into its parts, and the remedy on the map.

import { h } from "../base/dom.js";
import { show } from "./map.js";
import { language, minutesOf, t } from "../base/words.js";

/** Draw what the remedy would build, or ring the gate that it would open; null takes it away. */
export function drawRemedy(map, remedy, gates) {
  const geometry = remedy && shapeOf(remedy.edit, gates);
  show(map, "remedy", geometry ? [{ type: "Feature", properties: {}, geometry }] : []);
}

function shapeOf(edit, gates) {
  if (edit.path) return { type: "LineString", coordinates: edit.path };
  return gates?.features.find((f) => f.properties.gate_id === edit.gate_id)?.geometry ?? null;
}

/** The edit that would cover the building, or at least link the place. */
export const remedyOf = (why) => why?.remedy ?? why?.link?.link_remedy ?? why?.link_remedy ?? null;

/** By which entrances the walk leaves and arrives. */
function doorsLine({ doors }) {
  if (!doors) return null;
  if (!doors.from.entrance_id && !doors.to.entrance_id) return h("p.say", { "data-doors": "" }, t("why.no_doors"));
  const one = (door) => (door.entrance_id ? t("why.entrance", { kind: t(`entrance.${door.kind}`), id: door.entrance_id }) : t("why.no_entrance"));
  return h("p.say", { "data-doors": "" }, t("why.doors", { from: one(doors.from), to: one(doors.to) }));
}

const PARTS = ["leg_from_s", "network_s", "crossings_s", "leg_to_s"];

/** The walk as one bar: way to the street, along the network, to the door. */
function splitBar(split) {
  const parts = PARTS.filter((part) => split[part] > 0);
  const total = parts.reduce((sum, part) => sum + split[part], 0);
  if (!total) return null;
  return [
    h("div.split", { "aria-hidden": "true" }, parts.map((part) => h("i", { "data-part": part, style: { width: `${(split[part] / total) * 100}%` } }))),
    h("ul.split-key", {}, parts.map((part) => h("li", { "data-part": part }, h("i", { "aria-hidden": "true" }), t(`why.${part}`), h("b", {}, t("unit.minutes", { n: minutesOf(split[part]) }))))),
  ];
}

let seen = null; // scrolled to once

/** What stands under a row of the inspector while its "why" is open. */
export function whyPart({ state, data, addEdit }, category, show = category) {
  const answer = data.why;
  if (!answer || answer.category !== category) return h("p.why", { "aria-busy": "true" }, t("why.working"));
  const sentence = answer[`sentence_${language()}`];
  const part = h(
    "div.why",
    { id: "why", "data-cause": answer.cause },
    h("p", {}, sentence),
    answer.split ? splitBar(answer.split) : null,
    doorsLine(answer),
    remedyOf(answer) && !state.as_of
      ? h("button.wide.primary", { type: "button", id: "try-it", "data-key": "try-it", onclick: () => addEdit(remedyOf(answer).edit, { show, why: "" }) }, t("why.try"))
      : null,
  );
  if (seen !== answer) requestAnimationFrame(() => part.scrollIntoView({ block: "nearest" }));
  seen = answer;
  return part;
}
