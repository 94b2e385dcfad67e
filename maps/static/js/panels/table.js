// Data table of the shown level: the rows of the map, sortable, limited to what is in view on demand, as CSV.
// Only the rows in sight are in the document, so thousands scroll as smoothly as ten.

import { beatOf, rosterColumns, rosterRows } from "../data/beats.js";
import { dependentColumns, dependentRows } from "../data/dependents.js";
import { changeOf } from "../base/difference_classes.js";
import { columnsOf, download, sorted, toCsv } from "../base/columns.js";
import { byId, fill, h } from "../base/dom.js";
import { inName } from "../base/threshold.js";
import { termMark } from "../base/term.js";
import { t, whole } from "../base/words.js";

const TERMS = {
  grids: { code: "grid", unlinked: "unlinked", covered_all: "all_covered", coverage_all: "all_covered", count_mean: "count_mean", gained: "gained_lost", origin: "synthetic" },
  beats: { code: "worker", name: "community", grids: "grid", status: "beat", pieces: "contiguity" },
  points: {},
}; // column -> term of the glossary
const ROW_PX = 30;
const MARGIN_ROWS = 8;
const view = { sorts: { grids: ["coverage_all", false], beats: ["households", true], points: ["dependents", true] }, what: "grids", inView: false, rows: [], columns: [], picked: "", followed: "" };
let last = null;

const scroller = () => byId("twin-scroll");

function header({ rerender }) {
  const [sort, descending] = view.sorts[view.what];
  const press = (column) => {
    view.sorts[view.what] = [column.key, sort === column.key ? !descending : column.numeric && column.key !== "coverage_all"];
    rerender();
  };
  return h(
    "tr",
    {},
    view.columns.map((column) =>
      h(
        "th",
        { scope: "col", class: column.numeric ? "number" : "", "aria-sort": sort === column.key ? (descending ? "descending" : "ascending") : "none" },
        h("button", { type: "button", "data-key": `sort-${column.key}`, "data-sort": column.key, onclick: () => press(column) }, column.title, h("i", { "aria-hidden": "true" }, sort === column.key ? (descending ? " ↓" : " ↑") : "")),
        TERMS[view.what][column.key] ? termMark(TERMS[view.what][column.key]) : null,
      ),
    ),
  );
}

function drawRows(choose) {
  const box = scroller();
  const first = Math.max(0, Math.floor(box.scrollTop / ROW_PX) - MARGIN_ROWS);
  const after = Math.min(view.rows.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW_PX) + MARGIN_ROWS);
  const space = (rows) => (rows > 0 ? h("tr", { "aria-hidden": "true" }, h("td", { style: { height: `${rows * ROW_PX}px` }, colspan: view.columns.length })) : null);
  const line = (row) =>
    h(
      "tr",
      { "aria-selected": String(row.code === view.picked), "data-code": row.code, onclick: () => choose(row) },
      view.columns.map((column) => {
        const cell = column.show(column.value(row));
        const inner = column.key === "code" ? h("button", { type: "button", "data-key": `row-${row.code}`, title: t("table.choose") }, cell) : cell;
        return h("td", { class: column.numeric ? "number" : "", title: column.key === "name" ? cell : null }, inner);
      }),
    );
  fill(box.querySelector("tbody"), space(first), view.rows.slice(first, after).map(line), space(view.rows.length - after));
}

function fileName({ state, data }) {
  const synthetic = `${data.detail.synthetic ? "-synthetic" : ""}${data.before ? "-scenario" : ""}`;
  if (view.what === "beats") return `${state.district}${synthetic}-beats-r${data.beats.lifecircle.revision}.csv`;
  const of = view.what === "points" ? "dependents" : state.level;
  return `${state.district}${synthetic}-${of}-${data.coverage.profile.id}-${inName(state.minutes)}-r${data.coverage.revision}.csv`;
}

/** Listen once: open and close, resize, download, scroll. `current` gives the latest context. */
export function wireTable(current) {
  byId("twin-toggle").addEventListener("click", () => current().set({ table: current().state.table === "1" ? "0" : "1" }));
  byId("twin-view").addEventListener("change", (e) => {
    view.inView = e.target.checked;
    current().rerender();
  });
  byId("twin-csv").addEventListener("click", () => download(fileName(current()), toCsv(view.columns, view.rows)));
  scroller().addEventListener("scroll", () => last && drawRows(last), { passive: true });
  const [least, most] = [96, () => innerHeight - 260];
  const tell = (height) => Object.entries({ valuemin: least, valuemax: most(), valuenow: height }).forEach(([name, value]) => byId("twin-grip").setAttribute(`aria-${name}`, String(Math.round(value))));
  tell(innerHeight * 0.24); // as the style sheet begins
  const resize = (wanted) => {
    const height = Math.max(least, Math.min(most(), wanted));
    byId("twin").style.setProperty("--height", `${height}px`);
    tell(height);
    if (last) drawRows(last);
  };
  const grip = byId("twin-grip");
  grip.addEventListener("pointerdown", (down) => {
    const start = scroller().clientHeight;
    grip.setPointerCapture(down.pointerId);
    const move = (e) => resize(start + down.clientY - e.clientY);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
  });
  grip.addEventListener("keydown", (e) => {
    const step = { ArrowUp: 30, ArrowDown: -30 }[e.key];
    if (step) resize(scroller().clientHeight + step);
  });
}

/** The rows of the grids and their columns. */
function gridTable({ state, data }) {
  const origins = new Map((data.grids[state.level]?.features ?? []).map((f) => [f.properties.code, f.properties.origin]));
  const columns = columnsOf(data.detail?.standard.categories ?? [], origins, { changeOf: data.before ? changeOf(state.show) : "", without: data.coverage?.without_points });
  const picked = state.pick.startsWith("grid:") ? state.pick.slice(5) : "";
  return { all: data.coverage?.rows ?? [], columns, picked, title: t(`level.${state.level}`) };
}

/** The rows of the roster; a small grid marks the beat it is in. */
function beatTable({ state, data }) {
  const picked = beatOf(state.pick, data.beats)?.worker_code ?? state.pick.replace(/^grid:/, "");
  return { all: data.beats ? rosterRows(data) : [], columns: rosterColumns(), picked, title: t("beats.roster") };
}

/** The rows of the layer of dependents. */
function dependentTable({ state, data }) {
  const picked = state.pick.startsWith("point:") ? state.pick.slice(6) : "";
  return { all: dependentRows(data, state.show), columns: dependentColumns(), picked, title: t("depend.title") };
}

const TABLES = { beats: beatTable, points: dependentTable, grids: gridTable };
const shown = ({ state, data }) => (state.task === "beats" ? "beats" : data.dependents && !data.before ? "points" : "grids");

/** Bring a row that was picked elsewhere into sight, once. */
function follow(picked) {
  if (picked === view.followed) return;
  const at = view.rows.findIndex((row) => row.code === picked);
  if (at >= 0 || !picked) view.followed = picked;
  const box = scroller();
  const room = box.clientHeight - 2 * ROW_PX; // the header and one row
  if (at >= 0 && (at * ROW_PX < box.scrollTop || at * ROW_PX > box.scrollTop + room)) box.scrollTop = at * ROW_PX - room / 2;
}

/** Draw the drawer of `ctx`. `inSight(row)` tells whether what a row is of lies in the map's view. */
export function renderTable(ctx) {
  const { state, data, set, inSight } = ctx;
  view.what = shown(ctx);
  const open = state.table === "1";
  byId("twin").dataset.open = open;
  scroller().hidden = !open;
  byId("twin-toggle").setAttribute("aria-expanded", String(open));
  byId("twin-toggle").textContent = t(open ? "table.close" : "table.open");
  byId("twin-grip").hidden = !open;
  const { all, columns, picked, title } = TABLES[view.what](ctx);
  view.columns = columns;
  const [sort, descending] = view.sorts[view.what];
  const column = view.columns.find((c) => c.key === sort) ?? view.columns[0];
  view.rows = sorted(view.inView ? all.filter((row) => inSight(row)) : all, column, descending);
  byId("twin-count").textContent = data.coverage ? t("table.count", { level: title, rows: whole(view.rows.length), all: whole(all.length) }) : "";
  byId("twin-csv").disabled = !view.rows.length;
  if (!open) return;
  fill(scroller().querySelector("thead"), header(ctx));
  last = (row) => set({ pick: row.pick ?? `grid:${row.code}` });
  view.picked = picked;
  drawRows(last);
  follow(picked); // there is room to scroll only now
}
