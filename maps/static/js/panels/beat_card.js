// Inspector card of a beat, of one of its small grids, or of all beats of the district.

import { bar } from "../base/category_bars.js";
import { beatOf, largeNames, markedStatus, statusText } from "../data/beats.js";
import { facts, head } from "../base/card_parts.js";
import { h } from "../base/dom.js";
import { decimal, nameOf, t, whole } from "../base/words.js";

const gridOf = (code, data) => data.grids.small?.features.find((f) => f.properties.code === code)?.properties;

const band = ({ low, high }) => ({ low: whole(low), high: whole(high) });

const lead = (households, words) => h("p.lead", {}, h("strong", { id: "beat-households" }, whole(households)), h("span", {}, words));

/** The small grids of a beat with their households; `chosen` is the one that is picked. */
function smallGrids(beat, chosen, { data, set }) {
  const rows = beat.grid_codes.map((code) => gridOf(code, data)).filter(Boolean);
  const most = Math.max(...rows.map((row) => row.households), 1);
  return [
    h("h3", {}, t("inspector.beat_grids")),
    h(
      "ul.bars.tall.grids",
      {},
      rows.map((row) =>
        h(
          "li",
          {},
          h(
            "button.question",
            { type: "button", "data-key": `grid-${row.code}`, "data-grid": row.code, "aria-pressed": String(row.code === chosen), title: t("table.choose"), onclick: () => set({ pick: row.code === chosen ? `beat:${beat.worker_code}` : `grid:${row.code}` }) },
            h("span.name", {}, nameOf(row) || row.code, h("small", {}, row.code)),
            bar(row.households / most),
            h("b", {}, whole(row.households)),
          ),
        ),
      ),
    ),
  ];
}

const beatFacts = (beat, data) =>
  facts(
    [t("fact.small_grids"), whole(beat.grids), "grid"],
    [t("fact.buildings"), whole(beat.buildings)],
    [t("fact.large"), largeNames(beat.large_codes, data)],
    [t("fact.pieces"), beat.parts > 1 ? t("beats.pieces", { n: beat.parts }) : t("fact.one_piece"), "contiguity"],
  );

const zoomButton = (ctx) => h("button.wide", { type: "button", "data-key": "zoom", onclick: ctx.zoom }, t("inspector.zoom_beat"));

/** The card of a beat. */
export function beatCard(worker, ctx) {
  const { data, close } = ctx;
  const beat = beatOf(`beat:${worker}`, data.beats);
  if (!beat) return null;
  return [
    head(t("inspector.beat"), beat.post_name || worker, { code: beat.post_name ? worker : "", close }),
    lead(beat.households, t("inspector.beat_lead", { n: beat.households, status: markedStatus(beat.status), ...band(data.beats.lifecircle) })),
    beatFacts(beat, data),
    smallGrids(beat, "", ctx),
    zoomButton(ctx),
  ];
}

/** The card of a small grid among the beats. */
export function beatGridCard(code, ctx) {
  const { data, set, close } = ctx;
  const row = gridOf(code, data);
  if (!row || !data.beats) return null;
  const beat = beatOf(`grid:${code}`, data.beats);
  const title = head(t("level.small_one"), nameOf(row) || code, { code, close });
  if (!beat) return [title, lead(row.households, t(row.households ? "inspector.grid_alone" : "inspector.grid_empty", { n: row.households })), facts([t("fact.buildings"), whole(row.buildings)])];
  const worker = h("button.link", { type: "button", "data-key": "worker", onclick: () => set({ pick: `beat:${beat.worker_code}` }) }, beat.post_name || beat.worker_code);
  return [
    title,
    lead(row.households, t("inspector.grid_lead", { n: row.households, households: whole(beat.households), status: markedStatus(beat.status) })),
    facts([t("fact.buildings"), whole(row.buildings)], [t("fact.worker"), worker, "worker"], [t("fact.large"), largeNames(beat.large_codes, data)]),
    smallGrids(beat, code, ctx),
    zoomButton(ctx),
  ];
}

/** The card of all beats. */
export function beatsCard({ data }) {
  if (!data.beats) return [head(t("beats.title"), nameOf(data.detail), { code: data.detail.code })];
  const { workers, households, unassigned, outside, ...counts } = data.beats.lifecircle;
  return [
    head(t("beats.title"), nameOf(data.detail), { code: data.detail.code }),
    facts(
      [t("fact.workers"), whole(workers), "worker"],
      [t("fact.beat_households"), whole(households)],
      [t("fact.mean_load"), workers ? decimal(households / workers) : "–", "beat"],
      ...["met", "light", "heavy"].map((status) => [statusText(status), whole(counts[status])]),
      [t("fact.nobody"), t("fact.nobody_value", { grids: whole(unassigned.grids), households: whole(unassigned.households) })],
      [t("fact.outside"), t("fact.outside_value", { buildings: whole(outside.buildings), households: whole(outside.households) })],
    ),
    workers ? h("p.hint", {}, t("inspector.beats_hint")) : null,
  ];
}
