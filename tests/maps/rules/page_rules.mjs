// Answers the cases of cases.json by the page's own modules: {data, js, cases} on stdin, JSON out.

import { readFileSync } from "node:fs";

const { data, js, cases, thresholds } = JSON.parse(readFileSync(0, "utf8"));
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(data) }) };

const [{ statusOf, buildingStatus }, { recount }, { classOf }, { percent, minutesOf, t }, { isThreshold, isMoment }, { rulesOf }, { MARKS }, { harmless }] = await Promise.all(
  ["data/feature_state", "data/scenario_overlay", "base/classes", "base/words", "base/url_state", "panels/topbar", "data/beats", "base/columns"].map((name) => import(`${js}/${name}.js`)),
);

const WITHIN = { c0: { threshold_s: 900 }, c1: { threshold_s: 900 } };
const cellsOf = (times) =>
  Object.fromEntries((times === "unlinked" ? [null, null] : times).map((time_s, at) => [`c${at}`, { time_s, status: times === "unlinked" ? "unlinked" : "linked" }]));

/** A district's row before the edits, then every building that they change moved. */
function recounted({ buildings, row }) {
  const after = { ...row };
  for (const { households, before, after: now } of buildings) {
    recount(after, { households, categories: cellsOf(now), base: { categories: cellsOf(before) } }, WITHIN);
  }
  return { count: after.count, count_mean: after.count_mean, unlinked: after.unlinked };
}

const linked = (each) => (each.linked ? "linked" : "unlinked");
const answers = {
  thresholds: thresholds.map(({ threshold_s, times }) => times.map((time_s) => statusOf({ time_s, status: "linked" }, threshold_s))),
  status: cases.status.map((each) => statusOf({ time_s: each.time_s, status: linked(each) }, each.threshold_s)),
  building: cases.building.map((each) => buildingStatus({ categories: cellsOf(each.linked ? each.times : "unlinked") }, "all", { thresholds: WITHIN, judged: each.judged ?? ["c0", "c1"] })),
  recount: cases.recount.map(recounted),
  coverage_class: cases.coverage_class.map(([share]) => classOf(share)),
  percent: cases.percent.map(([share]) => percent(share)),
  minutes: cases.minutes.map(([seconds]) => minutesOf(seconds)),
  threshold: cases.threshold.map(([text]) => isThreshold(text)),
  as_of: cases.as_of.map(([text]) => isMoment(text)),
  walker: cases.walker.map(({ profile }) => rulesOf(profile)),
  load_marks: MARKS,
  said: cases.said.map(({ key, values }) => t(key, values)),
  harmless: cases.harmless.map(([text]) => harmless(text)),
};
process.stdout.write(JSON.stringify(answers));
