// Top bar: district, profile, threshold, revision, language.

import { byId, fill, h } from "../base/dom.js";
import { isThreshold } from "../base/url_state.js";
import { decimal, language, nameOf, t, termOf } from "../base/words.js";

/** Listen once. */
export function wireTopbar({ set, state }) {
  byId("district").addEventListener("change", (e) => set({ district: e.target.value, pick: "", gap: "", at: "" }));
  byId("profile").addEventListener("change", (e) => set({ profile: e.target.value }));
  byId("lang").addEventListener("click", () => set({ lang: language() === "zh" ? "en" : "zh" }));
  byId("minutes-own").addEventListener("change", (e) => {
    const minutes = Number(e.target.value);
    if (isThreshold(minutes)) set({ minutes });
    else e.target.value = state().minutes;
  });
}

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

/** Draw the bar of `ctx`. */
export function renderTopbar({ state, data, set }) {
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text);
  fill(byId("district"), (data.districts ?? []).map((d) => option(d.code, d.synthetic ? t("top.synthetic", { name: nameOf(d) }) : nameOf(d), state.district)));
  byId("district").value = state.district;
  const standard = data.detail?.standard;
  const profile = data.coverage?.profile.id ?? state.profile;
  fill(byId("profile"), (standard?.profiles ?? []).map((p) => option(p.id, t("top.profile_option", { name: termOf(p), speed: decimal(p.speed_m_s, 2) }), profile)));
  const walker = standard?.profiles.find((p) => p.id === profile);
  byId("profile").title = walker ? rulesOf(walker) : "";
  fill(byId("minutes-choices"), (standard?.minutes ?? [5, 10, 15]).map((n) =>
    h("button", { type: "button", "data-key": `m${n}`, "data-minutes": n, "aria-pressed": String(Number(state.minutes) === n), onclick: () => set({ minutes: n }) }, String(n)),
  ));
  if (document.activeElement !== byId("minutes-own")) byId("minutes-own").value = state.minutes;
  byId("stamp").textContent = data.detail
    ? t("top.stamp", { standard: termOf(standard), version: standard.version, revision: data.detail.revision })
    : "";
}
