// Undo of the newest change of the district: a button, and a dialog that first tells what is taken back.

import { byId, fill, h } from "../base/dom.js";
import { mayEdit } from "./account.js";
import { t, whole } from "../base/words.js";

const NAMED = 8; // keys of a layer that the dialog names; it counts them all

/** The button, for those who may change the district that is shown as it is. */
export function undoButton(ctx) {
  if (ctx.state.as_of || !mayEdit(ctx.state.district)) return null;
  return h("p.links", {}, h("button.plain", { type: "button", id: "undo-change", "data-key": "undo-change", onclick: () => open(ctx) }, t("undo.button")));
}

/** One line for each layer: how many rows come back, change and go, and which. */
function layerLine([layer, { added, changed, removed }], keys) {
  const named = keys[layer] ?? [];
  const more = added + changed + removed - Math.min(named.length, NAMED);
  const which = named.slice(0, NAMED).join(t("link.comma")) + (more > 0 ? ` ${t("undo.more", { n: whole(more) })}` : "");
  return h("li", {}, h("b", {}, t(`undo.${layer}`)), ` ${t("undo.counts", { added: whole(added), changed: whole(changed), removed: whole(removed) })}`, h("small", {}, which));
}

async function open(ctx) {
  const dialog = byId("undo-dialog");
  const cancel = h("button.plain", { type: "button", id: "undo-cancel", onclick: () => dialog.close() }, t("account.close"));
  const show = (...content) => fill(dialog, h("h2", {}, t("undo.title")), ...content);
  dialog.setAttribute("aria-label", t("undo.title"));
  const refused = (error) => show(h("p", { role: "alert" }, error.detail || t("problem.offline")), h("p.buttons", {}, cancel));
  try {
    const plan = await ctx.ask.undo({ preview: true });
    show(
      h("p", { id: "undo-what" }, t("undo.what", { revision: plan.undone, what: plan.what })),
      plan.deletes_district ? h("p", {}, t("undo.deletes")) : null,
      h("ul.undone", {}, Object.entries(plan.counts).map((each) => layerLine(each, plan.keys))),
      plan.changes_district.length ? h("p", {}, t("undo.district")) : null,
      plan.faults.length ? [h("p", {}, t("undo.faults")), h("ul", {}, plan.faults.map((fault) => h("li", {}, fault)))] : null,
      h("p.buttons", {}, h("button.plain", { type: "button", id: "undo-do", onclick: () => take(plan) }, t("undo.do")), cancel),
    );
  } catch (error) {
    refused(error);
  }
  dialog.showModal();

  async function take({ undone, revision, deletes_district }) {
    try {
      await ctx.ask.undo({ revision: undone, seen: revision });
      dialog.close();
      if (deletes_district) location.reload();
      else ctx.takeNew();
    } catch (error) {
      refused(error);
    }
  }
}
