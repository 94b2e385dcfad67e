// Panel "Beats": headline of the workloads, list of the beats and grids out of the band.

import { largeNames, markedStatus, swatch } from "../data/beats.js";
import { byId, check, fill, h } from "../base/dom.js";
import { termMark } from "../base/term.js";
import { decimal, nameOf, percent, t, whole } from "../base/words.js";

const PAGE = 100; // rows drawn at a time; the rest is one press away and counted
const NAMED = 3; // small grids that the headline names; the panel names them all
let shown = PAGE;
let listed = null;

/** What wants a look: nobody's ground first, then loads far from the band, then beats in pieces. */
export function wanting({ features, lifecircle: { low, high, unassigned } }) {
  const beats = features.map((f) => f.properties);
  const off = ({ households }) => Math.max(low - households, households - high);
  const loads = beats.filter((beat) => beat.status !== "met").sort((a, b) => off(b) - off(a));
  const pieces = beats.filter((beat) => beat.status === "met" && beat.parts > 1);
  return [...unassigned.named.map((grid) => ({ grid })), ...[...loads, ...pieces].map((beat) => ({ beat }))];
}

function row({ grid, beat }, { state, data, set, zoomTo }) {
  const pick = grid ? `grid:${grid.code}` : `beat:${beat.worker_code}`;
  const about = grid ? markedStatus("missing") : [beat.status === "met" ? "" : markedStatus(beat.status), beat.parts > 1 ? t("beats.pieces", { n: beat.parts }) : ""].filter(Boolean).join(" · ");
  const place = largeNames(grid ? [grid.large_code] : beat.large_codes, data);
  const press = () => {
    set({ pick });
    zoomTo(pick);
  };
  return h(
    "li",
    {},
    h(
      "button.gap.beat",
      { type: "button", "data-key": `look-${pick}`, "data-pick": pick, "aria-pressed": String(state.pick === pick), title: t("table.choose"), onclick: press },
      swatch(grid ? "missing" : beat.status),
      h("span.name", {}, grid ? nameOf(grid) || grid.code : beat.post_name || beat.worker_code, h("small", {}, about), h("small", {}, place)),
      h("b", {}, whole((grid ?? beat).households), h("small", {}, t("unit.households", { n: whole((grid ?? beat).households) }))),
    ),
  );
}

function files({ state, data, ask }) {
  const name = `${state.district}${data.detail.synthetic ? "-synthetic" : ""}-beats-r${data.beats.lifecircle.revision}.geojson`;
  return [
    h("h2", {}, t("beats.files"), termMark("roster")),
    h(
      "p.links",
      {},
      h("a", { href: ask.beatsHref({ f: "csv" }), download: true }, t("beats.csv")),
      h("a", { href: ask.beatsHref(), download: name }, t("beats.geojson")),
    ),
  ];
}

/** No worker is stored: what to do, in the command's own words. */
const nothing = ({ state }) => [
  h("h2", {}, t("beats.none")),
  h("p.say", {}, t("beats.none_what")),
  h("pre.command", {}, `lifecircle partition ${state.district}\nlifecircle partition ${state.district} `, h("span", {}, "--save")),
  h("button.wide", { type: "button", "data-key": "reload", onclick: () => location.reload() }, t("empty.reload")),
];

/** Draw the panel of `ctx` for the task Beats. */
export function renderBeats(ctx) {
  const { state, data, set, rerender } = ctx;
  const box = byId("panel");
  if (!data.beats) return fill(box, h("h2", {}, t("beats.title")));
  if (!data.beats.features.length) return fill(box, nothing(ctx));
  const { aim, low, high } = data.beats.lifecircle;
  const found = wanting(data.beats);
  if (listed !== data.beats) shown = PAGE;
  listed = data.beats;
  return fill(
    box,
    h("h2", {}, t("beats.title"), termMark("beat")),
    h("p.say", {}, t("beats.say", { aim: whole(aim), low: whole(low), high: whole(high) })),
    files(ctx),
    h("div.checks", {}, check("ground", t("panel.ground"), state.ground === "1", set)),
    h("h2", {}, t("beats.look", { n: whole(found.length) })),
    found.length ? h("ol.gaps", {}, found.slice(0, shown).map((each) => row(each, ctx))) : h("p.say.none", {}, t("beats.fine")),
    found.length > shown
      ? h("button.more", { type: "button", "data-key": "more", onclick: () => { shown += PAGE; rerender(); } }, t("gaps.more", { shown: whole(shown), all: whole(found.length) }))
      : null,
  );
}

function nobody({ grids, households, named }) {
  if (!grids) return [t("headline.beats_all")];
  const names = named.slice(0, NAMED).map((row) => nameOf(row) || row.code).join(t("without.comma"));
  return [t(grids > NAMED ? "headline.beats_unassigned_many" : "headline.beats_unassigned", { n: whole(grids), names, households })];
}

/** Draw the headline of `ctx` for the task Beats. */
export function renderBeatsHeadline({ data, set }) {
  const box = byId("headline");
  if (!data.beats) return fill(box);
  const { workers, households, met, low, high, unassigned } = data.beats.lifecircle;
  const figure = (id, value, words, { big = false } = {}) =>
    h(
      "button.figure",
      { type: "button", id, "data-key": id, title: t("headline.open_roster"), onclick: () => set({ table: "1" }) },
      h(`strong${big ? ".big" : ""}`, {}, value),
      h("span", {}, words),
    );
  const share = () => figure("figure-band", percent(met / workers), t("headline.beats_band", { low: whole(low), high: whole(high), met: whole(met), workers: whole(workers) }), { big: true });
  return fill(
    box,
    workers ? [share(), termMark("beat")] : null,
    workers ? figure("figure-workers", whole(workers), t("headline.beats_workers", { n: workers, mean: decimal(households / workers) })) : figure("figure-workers", "0", t("headline.beats_none"), { big: true }),
    termMark("worker"),
    figure("figure-unassigned", whole(unassigned.households), nobody(unassigned)),
  );
}
