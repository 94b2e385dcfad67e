// Who depends on each service point: rows of the answer for what the map shows, their columns, and their weights.

import { count, text } from "../base/columns.js";
import { t, termOf } from "../base/words.js";

/** Rows of the category on the map, or of all; with their names, most dependents first. */
export function dependentRows({ dependents, detail }, show) {
  const terms = new Map(detail.standard.categories.map((category) => [category.id, category]));
  return dependents.rows
    .filter((row) => !terms.has(show) || row.category === show)
    .map((row) => ({ ...row, code: row.point_id, pick: `point:${row.point_id}`, kind: termOf(terms.get(row.category)) }));
}

/** The row of one service point; null where it counts in no category. */
export const dependentsOf = ({ dependents }, id) => dependents?.rows.find((row) => row.point_id === id) ?? null;

/** Columns of the table. */
export const dependentColumns = () => [
  text("code", t("column.point"), (r) => r.point_id),
  text("name", t("column.point_name"), (r) => r.name),
  text("category", t("column.category"), (r) => r.kind),
  count("dependents", t("column.dependents"), (r) => r.dependents),
  count("dependents_all", t("column.dependents_all"), (r) => r.dependents_all),
  count("reached", t("column.reached"), (r) => r.reached),
  text("reason", t("column.unlinked_reason"), (r) => (r.reason ? t(`reason.${r.reason}`) : "")),
];

/** A disc for each point that somebody depends on; its area is the number of households. */
export function discs(rows) {
  const most = Math.max(...rows.map((row) => row.dependents), 1);
  return rows
    .filter((row) => row.dependents > 0)
    .map((row) => ({
      type: "Feature",
      properties: { point_id: row.point_id, weight: Math.sqrt(row.dependents / most), dependents: row.dependents },
      geometry: { type: "Point", coordinates: [row.lon, row.lat] },
    }));
}
