// Parts of an inspector card: header and list of facts.

import { h } from "./dom.js";
import { t } from "./words.js";

/** Pairs of a name and a value; what is null is left out. */
export const facts = (...pairs) =>
  h("dl", {}, pairs.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

export const head = (kind, name, { code = "", close = null } = {}) =>
  h(
    "header",
    {},
    h("p.kind", {}, kind, close ? h("button.plain.close", { type: "button", "data-key": "close", "aria-label": t("inspector.close"), onclick: close }, "×") : null),
    h("h2", {}, name),
    code ? h("p.code", {}, code) : null,
  );
