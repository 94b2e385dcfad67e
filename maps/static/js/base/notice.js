// Messages over the map: loading, empty database, error with a button to try again.

import { byId, fill, h } from "./dom.js";
import { t } from "./words.js";

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

export const hideNotice = () => (byId("notice").hidden = true);

/** No district is stored: say what to do. */
export function showEmpty() {
  fill(
    byId("notice"),
    h("h2", {}, t("empty.title")),
    h("p", {}, t("empty.what")),
    h("pre", {}, "lifecircle demo\nlifecircle load osm FILE.osm.pbf --district CODE"),
    h("button.wide", { type: "button", onclick: () => location.reload() }, t("empty.reload")),
  );
  byId("notice").hidden = false;
}

/** Say what the server said, and offer to try again. */
export function showError(error, again) {
  const title = error.status === 0 ? t("error.offline") : error.title || t("error.title");
  fill(
    byId("notice"),
    h("h2", {}, title),
    h("p", {}, error.status === 0 ? t("error.offline_what") : error.detail || error.message),
    h("button.wide", { type: "button", onclick: again }, t("error.again")),
  );
  byId("notice").hidden = false;
}
