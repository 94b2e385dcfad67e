// Columns of the data table: value, sort order, text in the cell and text in the CSV.

import { signed } from "./difference_classes.js";
import { decimal, nameOf, percent, percentNumber, t, termOf, whole } from "./words.js";

export const text = (key, title, value) => ({ key, title, value, show: (v) => v ?? "", csv: (v) => v ?? "", numeric: false });
export const count = (key, title, value) => ({ key, title, value, show: (v) => whole(v), csv: (v) => String(v), numeric: true });
const share = (key, title, value) => ({
  key,
  title,
  value,
  unit: "%",
  show: percent,
  csv: (v) => (v === null || v === undefined ? "" : percentNumber(v).toFixed(1)),
  numeric: true,
});

/** Columns for the rows of a level. `origins` maps a grid's code to its origin; of categories `without` points nothing is told. */
export function columnsOf(categories, origins, { changeOf = "", without = [] } = {}) {
  const moved = (key) => (r) => r.changes?.[changeOf]?.[key] ?? 0;
  const changes = [
    { ...count("change", t("column.change"), moved("change")), show: (v) => signed(v) },
    count("gained", t("column.gained"), moved("gained")),
    count("lost", t("column.lost"), moved("lost")),
  ];
  return [
    text("code", t("column.code"), (r) => r.code),
    text("name", t("column.name"), (r) => nameOf(r)),
    text("parent", t("column.parent"), (r) => r.parent_code),
    count("households", t("column.households"), (r) => r.households),
    ...(changeOf ? changes : []),
    count("buildings", t("column.buildings"), (r) => r.buildings),
    count("unlinked", t("column.unlinked"), (r) => r.unlinked),
    count("covered_all", t("column.covered_all"), (r) => r.covered_all),
    share("coverage_all", t("column.coverage_all"), (r) => r.coverage_all),
    { ...count("count_mean", t("column.count_mean"), (r) => (r.households ? r.count_mean : null)), show: (v) => (v === null ? "–" : decimal(v)), csv: (v) => (v === null ? "" : v.toFixed(1)) },
    ...categories.map((c) => share(`category:${c.id}`, termOf(c), (r) => (without.includes(c.id) ? null : r.categories[c.id]?.coverage))),
    text("origin", t("column.origin"), (r) => t(`origin.${origins.get(r.code) ?? "given"}`)),
  ];
}

/** Rows in the order of a column; missing values last either way; ties keep the code's order. */
export function sorted(rows, column, descending) {
  const compare = (a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const [noX, noY] = [x === null || x === undefined || x === "", y === null || y === undefined || y === ""];
    if (noX || noY) return noX - noY || (a.code < b.code ? -1 : 1);
    const order = column.numeric ? x - y : String(x).localeCompare(String(y), "zh");
    return (descending ? -order : order) || (a.code < b.code ? -1 : 1);
  };
  return rows.toSorted(compare);
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A text that no spreadsheet runs: an apostrophe goes before what begins as a formula (api/formats/csv.py). */
export const harmless = (text) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) && !number.test(text) ? `'${text}` : text);

/** RFC 4180, with a byte order mark so that Excel reads the Chinese. */
export function toCsv(columns, rows) {
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const cell = (value) => quoted(harmless(value));
  const header = columns.map((c) => cell(c.unit ? `${c.title} (${c.unit})` : c.title));
  const lines = rows.map((row) => columns.map((c) => cell(String(c.csv(c.value(row))))));
  return `\ufeff${[header, ...lines].map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Hand a text to the reader as a file. */
export function download(name, body, type = "text/csv;charset=utf-8") {
  const address = URL.createObjectURL(new Blob([body], { type }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
