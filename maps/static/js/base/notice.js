// Messages over the map: loading, empty database, error with a button to try again, what was left out of a link.

import { byId, fill, h } from "./dom.js";
import { hasText, language, t } from "./words.js";

const PATIENCE_MS = 500; // work that is longer says what it does and how far it is
let timer = 0;

/** Say what is being done, `done` of `all`; null ends it. */
export function showProgress(key, { done = 0, all = 0 } = {}) {
  const box = byId("working");
  if (!key) {
    clearTimeout(timer);
    timer = 0;
    box.hidden = true;
    return;
  }
  box.textContent = all ? t("working.of", { what: t(key), done, all }) : t(key);
  timer ||= setTimeout(() => (box.hidden = false), PATIENCE_MS);
}

let shown = () => {}; // draws the notice again, in another language
function show(draw) {
  shown = () => fill(byId("notice"), draw());
  shown();
  byId("notice").hidden = false;
}

export function hideNotice() {
  byId("notice").hidden = true;
  shown = () => {};
}

/** No district is stored: say what to do. */
export function showEmpty() {
  show(() => [
    h("h2", {}, t("empty.title")),
    h("p", {}, t("empty.what")),
    h("pre", {}, "lifecircle demo\nlifecircle load osm FILE.osm.pbf --district CODE"),
    h("button.wide", { type: "button", onclick: () => location.reload() }, t("empty.reload")),
  ]);
}

/** Title and advice for an error, in the page's language. */
function told({ status, kind, title }) {
  const key = status === 0 ? "offline" : (kind ?? "").replaceAll("-", "_");
  if (hasText(`problem.${key}`)) return [t(`problem.${key}`), t(`advice.${key}`)];
  if (status >= 500) return [t("problem.fault"), t("advice.fault")];
  if (!status) return [t("problem.unexpected"), t("advice.unexpected")];
  return [title || t("problem.refused"), t("advice.refused")];
}

/** The service's own words, as long as they are in the page's language. */
function ownWords({ status, detail, message, lang }) {
  const words = detail || message;
  return status === 0 || !words || (lang && lang !== language()) ? null : h("p.own-words", { lang: lang || "en" }, words);
}

/** Say what went wrong, with the service's own words below, and offer to try again or what else helps. */
export function showError(error, again, { label = "error.again" } = {}) {
  show(() => {
    const [title, advice] = told(error);
    return [
      h("h2", {}, title),
      h("p", {}, advice),
      ownWords(error),
      h("button.wide", { type: "button", onclick: again }, t(label)),
    ];
  });
}

let left = []; // [key, text] of an address that means nothing here

/** Say what of the address was left out, until somebody closes it. */
export function showDropped(dropped) {
  left = [...left, ...dropped];
  drawDropped();
}

function drawDropped() {
  const named = left.map(([key, text]) => t("link.part", { what: hasText(`link.${key}`) ? t(`link.${key}`) : t("link.unknown"), text: `${key}=${text.length > 40 ? `${text.slice(0, 40)}…` : text}` }));
  const close = () => {
    left = [];
    drawDropped();
  };
  byId("dropped").hidden = !left.length;
  fill(byId("dropped"), h("span", {}, t("link.dropped", { parts: named.join(t("link.comma")) })), h("button.plain.close", { type: "button", "aria-label": t("link.close"), onclick: close }, "×"));
}

/** Say again, in the language of now, what is being said. */
export function repeatNotices() {
  shown();
  drawDropped();
}
