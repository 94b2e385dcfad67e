// The table twin of the active level: the same rows as the map, sortable, downloadable as seen.
// Only the rows in sight are in the document, so thousands scroll as smoothly as ten.

import { changeOf } from "./change.js";
import { columnsOf, download, sorted, toCsv } from "./columns.js";
import { byId, fill, h } from "./dom.js";
import { t, whole } from "./words.js";

const ROW_PX = 30;
const MARGIN_ROWS = 8;
const view = { sort: "coverage_all", descending: false, inView: false, rows: [], columns: [], picked: "" };
let last = null;

const scroller = () => byId("twin-scroll");

function header({ rerender }) {
  const press = (column) => {
    view.descending = view.sort === column.key ? !view.descending : column.numeric && column.key !== "coverage_all";
    view.sort = column.key;
    rerender();
  };
  return h(
    "tr",
    {},
    view.columns.map((column) =>
      h(
        "th",
        { scope: "col", class: column.numeric ? "number" : "", "aria-sort": view.sort === column.key ? (view.descending ? "descending" : "ascending") : "none" },
        h("button", { type: "button", "data-key": `sort-${column.key}`, "data-sort": column.key, onclick: () => press(column) }, column.title, h("i", { "aria-hidden": "true" }, view.sort === column.key ? (view.descending ? " ↓" : " ↑") : "")),
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
      { "aria-selected": String(row.code === view.picked), "data-code": row.code, onclick: () => choose(row.code) },
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
  return `${state.district}${synthetic}-${state.level}-${data.coverage.profile.id}-${state.minutes}min-r${data.coverage.revision}.csv`;
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
  const resize = (height) => {
    byId("twin").style.setProperty("--height", `${Math.max(96, Math.min(innerHeight - 260, height))}px`);
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

/** Draw the drawer of `ctx`. `inSight(code)` tells whether a grid lies in the map's view. */
export function renderTable(ctx) {
  const { state, data, set, inSight } = ctx;
  const open = state.table === "1";
  byId("twin").dataset.open = open;
  scroller().hidden = !open;
  byId("twin-toggle").setAttribute("aria-expanded", String(open));
  byId("twin-toggle").textContent = t(open ? "table.close" : "table.open");
  byId("twin-grip").hidden = !open;
  const all = data.coverage?.rows ?? [];
  const origins = new Map((data.grids[state.level]?.features ?? []).map((f) => [f.properties.code, f.properties.origin]));
  view.columns = columnsOf(data.detail?.standard.categories ?? [], origins, { changeOf: data.before ? changeOf(state.show) : "" });
  const column = view.columns.find((c) => c.key === view.sort) ?? view.columns[0];
  view.rows = sorted(view.inView ? all.filter((row) => inSight(row.code)) : all, column, view.descending);
  view.picked = state.pick.startsWith("grid:") ? state.pick.slice(5) : "";
  byId("twin-count").textContent = data.coverage
    ? t("table.count", { level: t(`level.${state.level}`), rows: whole(view.rows.length), all: whole(all.length) })
    : "";
  byId("twin-csv").disabled = !view.rows.length;
  if (!open) return;
  fill(scroller().querySelector("thead"), header(ctx));
  last = (code) => set({ pick: `grid:${code}` });
  drawRows(last);
}
