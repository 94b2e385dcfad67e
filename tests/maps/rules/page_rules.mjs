// Answers the cases of cases.json by the page's own modules: {data, js, cases} on stdin, JSON out.

import { readFileSync } from "node:fs";

const { data, js, cases, thresholds } = JSON.parse(readFileSync(0, "utf8"));
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(data) }) };

const [{ statusOf, buildingStatus }, { recount }, { classOf }, { percent, minutesOf }, { isThreshold }, { rulesOf }, { MARKS }] = await Promise.all(
  ["data/feature_state", "data/scenario_overlay", "base/classes", "base/words", "base/url_state", "panels/topbar", "data/beats"].map((name) => import(`${js}/${name}.js`)),
);

const cellsOf = (times) =>
  Object.fromEntries((times === "unlinked" ? [null, null] : times).map((time_s, at) => [`c${at}`, { time_s, status: times === "unlinked" ? "unlinked" : "linked" }]));

/** A district's row before the edits, then every building that they change moved. */
function recounted({ buildings, row }) {
  const after = { ...row };
  for (const { households, before, after: now } of buildings) {
    recount(after, { households, categories: cellsOf(now), base: { categories: cellsOf(before) } }, 900);
  }
  return { count: after.count, count_mean: after.count_mean, unlinked: after.unlinked };
}

const linked = (each) => (each.linked ? "linked" : "unlinked");
const answers = {
  thresholds: thresholds.map(({ threshold_s, times }) => times.map((time_s) => statusOf({ time_s, status: "linked" }, threshold_s))),
  status: cases.status.map((each) => statusOf({ time_s: each.time_s, status: linked(each) }, each.threshold_s)),
  building: cases.building.map((each) => buildingStatus({ categories: cellsOf(each.linked ? each.times : "unlinked") }, "all", 900)),
  recount: cases.recount.map(recounted),
  coverage_class: cases.coverage_class.map(([share]) => classOf(share)),
  percent: cases.percent.map(([share]) => percent(share)),
  minutes: cases.minutes.map(([seconds]) => minutesOf(seconds)),
  threshold: cases.threshold.map(([text]) => isThreshold(text)),
  walker: cases.walker.map(({ profile }) => rulesOf(profile)),
  load_marks: MARKS,
};
process.stdout.write(JSON.stringify(answers));
