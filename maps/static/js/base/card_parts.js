// Parts of an inspector card: header and list of facts.

import { h } from "./dom.js";
import { termMark } from "./term.js";
import { t } from "./words.js";

/** Names and values, some with a term of the glossary; what is null is left out. */
export const facts = (...pairs) =>
  h("dl", {}, pairs.filter(Boolean).map(([name, value, term]) => h("div", {}, h("dt", {}, name, term ? termMark(term) : null), h("dd", {}, value))));

export const head = (kind, name, { code = "", close = null } = {}) =>
  h(
    "header",
    {},
    h("p.kind", {}, kind, close ? h("button.plain.close", { type: "button", "data-key": "close", "aria-label": t("inspector.close"), onclick: close }, "×") : null),
    h("h2", {}, name),
    code ? h("p.code", {}, code) : null,
  );
