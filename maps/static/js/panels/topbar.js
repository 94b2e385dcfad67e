// Top bar: district, profile, threshold, revision, language.

import { byId, fill, h } from "../base/dom.js";
import { isThreshold } from "../base/url_state.js";
import { OWN } from "../base/threshold.js";
import { termMark } from "../base/term.js";
import { decimal, language, nameOf, t, termOf, whole } from "../base/words.js";

/** Listen once. */
export function wireTopbar({ set, state }) {
  byId("district").addEventListener("change", (e) => set({ district: e.target.value, as_of: "", pick: "", gap: "", edits: "", at: "" }));
  byId("profile").addEventListener("change", (e) => set({ profile: e.target.value }));
  byId("lang").addEventListener("click", () => set({ lang: language() === "zh" ? "en" : "zh" }));
  byId("minutes-own").addEventListener("change", (e) => {
    const minutes = Number(e.target.value);
    if (isThreshold(minutes)) set({ minutes });
    else e.target.value = state().minutes;
  });
}

const QUARTER_HOUR_S = 900;
/** A walker by name, and how far it gets in 15 minutes. */
export const walkerOf = (walker) => t("top.profile_option", { name: termOf(walker), metres: whole(walker.speed_m_s * QUARTER_HOUR_S) });

/** The rules of a walker in words, as maps/words/walker.py has them; empty where there are none. */
export function rulesOf(walker) {
  const { avoid, slope } = walker;
  return [
    avoid.length && t("walker.avoid", { kinds: avoid.map((kind) => t(`way.${kind}`).replace(/^way\./, "")).join(t("walker.or")) }),
    walker.steps_pace !== 1 && !avoid.includes("steps") && t("walker.steps", { n: walker.steps_pace }),
    slope === "tobler" && t("walker.tobler"),
    slope === "climb" && t("walker.climb", { n: walker.climb_pace }),
    walker.max_slope !== null && t("walker.max_slope", { n: decimal(100 * walker.max_slope) }),
    walker.crossing_s > 0 && t("walker.crossing", { n: walker.crossing_s }),
  ].filter(Boolean).join(t("walker.separator"));
}

/** Of which revision everything is, and of which the service would answer by now. */
function renderStamp({ state, data, set, takeNew }) {
  const box = byId("stamp");
  const { detail, newer } = data;
  box.dataset.newer = newer ?? "";
  box.dataset.past = state.as_of;
  if (!detail) return fill(box);
  const { standard, revision } = detail;
  const words = t("top.stamp", { standard: termOf(standard), version: standard.version, revision });
  const past = state.as_of ? [t("past.stamp", { as_of: state.as_of }), " · "] : null;
  return fill(
    box,
    h("span", { title: words }, past, words),
    termMark("revision"),
    newer === null ? null : h("button.newer", { type: "button", "data-key": "take", id: "take-new", title: t("stamp.why", { revision }), onclick: takeNew }, t("stamp.newer", { revision: newer })),
    state.as_of ? h("button.newer", { type: "button", "data-key": "present", id: "leave-past", onclick: () => set({ as_of: "" }) }, t("past.leave")) : null,
  );
}

/** Draw the bar of `ctx`. */
export function renderTopbar(ctx) {
  const { state, data, set } = ctx;
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text);
  fill(byId("district"), (data.districts ?? []).map((d) => option(d.code, d.synthetic ? t("top.synthetic", { name: nameOf(d) }) : nameOf(d), state.district)));
  byId("district").value = state.district;
  const standard = data.detail?.standard;
  const profile = data.coverage?.profile.id ?? state.profile;
  fill(byId("profile"), (standard?.profiles ?? []).map((p) => option(p.id, walkerOf(p), profile)));
  const walker = standard?.profiles.find((p) => p.id === profile);
  byId("profile").title = walker ? rulesOf(walker) : "";
  const choice = (minutes, text, title) => h("button", { type: "button", "data-key": `m${minutes}`, "data-minutes": minutes, title, "aria-pressed": String(String(state.minutes) === String(minutes)), onclick: () => set({ minutes }) }, text);
  const own = choice(OWN, t("top.minutes_standard"), t("top.minutes_standard_why"));
  fill(byId("minutes-choices"), (standard?.minutes ?? [5, 10, 15]).map((n) => choice(n, String(n), null)), own);
  if (document.activeElement !== byId("minutes-own")) byId("minutes-own").value = state.minutes === OWN ? "" : state.minutes;
  renderStamp(ctx);
}
