// Isochrones on the map and in the inspector: polygons as a picture, households by exact count.

import { h, segment } from "../base/dom.js";
import { show } from "./map.js";
import { termMark } from "../base/term.js";
import { decimal, percent, t, whole } from "../base/words.js";

export const placeOf = (text) => text.split(",").map(Number);
export const placeText = ([lon, lat]) => `${Number(lon.toFixed(6))},${Number(lat.toFixed(6))}`;

/** Draw rings, widest below, or none. */
export function drawIsochrone(map, found, place) {
  const rings = (found?.features ?? []).toSorted((a, b) => b.properties.minutes - a.properties.minutes);
  const origin = { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } };
  const named = rings.map((ring) => ({ ...ring, properties: { ...ring.properties, text: `${ring.properties.minutes}′` } }));
  show(map, "isochrone", found && !found.fault ? [...named, origin] : []);
}

/** The box around the widest ring; null where nothing is reached. */
export function boxOf(found) {
  const places = (found?.features ?? []).flatMap((f) => f.geometry?.coordinates.flat(2) ?? []);
  if (!places.length) return null;
  return places.reduce(([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)], [Infinity, Infinity, -Infinity, -Infinity]);
}

/** What the picture is worth: the lowest agreement of its rings. */
const lowest = (found) => found.features.map((f) => f.properties.agreement).reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
const agreementText = (found) => t("iso.label", { agreement: percent(lowest(found)) });

/** The picture in the legend: its minutes, and what it is worth. */
export const legendText = (found) => t("iso.legend", { minutes: found.features.map((f) => f.properties.minutes).toSorted((a, b) => a - b).join(" / "), label: agreementText(found) });

/** The part of the inspector: a button, or the rings with their households. */
export function isochronePart({ state, data, set }, place, direction = "from") {
  const own = placeText(place);
  if (state.iso !== own) {
    return h("button.wide.iso", { type: "button", "data-key": "isochrone", onclick: () => set({ iso: own, isodir: direction }) }, t("iso.draw"));
  }
  const rings = data.isochrone?.features.toSorted((a, b) => a.properties.minutes - b.properties.minutes) ?? [];
  return h(
    "section.isochrone",
    { id: "isochrone", "aria-label": t("iso.title") },
    h("h3.with-action", {}, h("span", {}, t("iso.title"), termMark("isochrone")), h("button.plain.close", { type: "button", "data-key": "iso-close", "aria-label": t("iso.close"), onclick: () => set({ iso: "" }) }, "×")),
    segment(t("iso.direction"), [["from", t("iso.from")], ["to", t("iso.to")]], state.isodir, (isodir) => set({ isodir })),
    rings.length
      ? h(
          "table.rings",
          {},
          h("thead", {}, h("tr", {}, ["iso.minutes", "fact.households", "fact.buildings", "iso.reached"].map((key) => h("th", { scope: "col" }, t(key))))),
          h("tbody", {}, rings.map(({ properties: p }) =>
            h("tr", { "data-minutes": p.minutes }, h("th", { scope: "row" }, t("unit.minutes", { n: p.minutes })), h("td", {}, whole(p.households)), h("td", {}, whole(p.buildings)), h("td", {}, t("unit.km", { n: decimal(p.reached_m / 1000) }))),
          )),
        )
      : null,
    data.isochrone?.fault ? h("p.fault", { role: "alert" }, data.isochrone.fault) : null,
    rings.length ? h("p.say", {}, agreementText(data.isochrone)) : null,
  );
}

