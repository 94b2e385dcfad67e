// Who is signed in: name and role at the right of the top bar, and a dialog to change the password or leave.

import { account, changePassword, signIn, signOut } from "../base/api_client.js";
import { byId, fill, h } from "../base/dom.js";
import { t } from "../base/words.js";

const RANKS = ["viewer", "planner", "admin"];
let me = null;

/** Ask who asks; without accounts there is nothing to show. */
export async function identify() {
  me = await account();
}

/** The role in a district: its own or that for all, the higher one. */
const roleIn = (district) => RANKS.findLast((role) => me.roles["*"] === role || me.roles[district] === role);

/** Whether the caller may change a district through the service. */
export const mayEdit = (district) => Boolean(me?.editable) && (me.known === "demo" || RANKS.indexOf(roleIn(district)) > 0);

/** Draw name and role, or the way to sign in; and whether small counts are protected. */
export function renderAccount({ state, data }) {
  const box = byId("account");
  box.hidden = !me || me.known === "demo";
  if (box.hidden) return;
  const protectedCounts = data.detail?.small_counts === "protected";
  fill(
    box,
    protectedCounts ? h("span.protected", { id: "protected", tabindex: 0, title: t("account.protected_why") }, t("account.protected")) : null,
    me.known === "public"
      ? h("button.plain", { type: "button", "data-key": "in", onclick: signIn }, t("account.in"))
      : h("button.plain", { type: "button", "data-key": "me", id: "account-open", "aria-haspopup": "dialog", onclick: () => open(state.district) }, me.name),
  );
}

/** Show the dialog of the account. */
function open(district) {
  const dialog = byId("account-dialog");
  const role = roleIn(district);
  fill(
    dialog,
    h("h2", {}, me.name),
    role ? h("p", { id: "account-role" }, t(`account.role_${role}`)) : null,
    me.own_password ? passwordForm() : null,
    h("p.buttons", {}, h("button.plain", { type: "button", id: "sign-out", onclick: leave }, t("account.out")), h("button.plain", { type: "button", onclick: () => dialog.close() }, t("account.close"))),
  );
  dialog.setAttribute("aria-label", t("account.label"));
  dialog.showModal();
}

async function leave() {
  await signOut();
  signIn();
}

function passwordForm() {
  const said = h("p", { role: "status" });
  const field = (name, complete) => h("label", {}, t(`account.${name}`), h("input", { name, type: "password", autocomplete: complete, required: true, maxlength: 256 }));
  const send = async (event) => {
    event.preventDefault();
    const { current, new: next } = Object.fromEntries(new FormData(event.target));
    try {
      await changePassword(current, next);
      said.textContent = t("account.changed");
      event.target.reset();
    } catch (error) {
      said.textContent = error.detail || t("problem.offline");
    }
  };
  return h("form", { onsubmit: send }, h("input", { type: "text", name: "username", autocomplete: "username", value: me.name, hidden: true, readonly: true }), h("h3", {}, t("account.password")), field("current", "current-password"), field("new", "new-password"), h("button.plain", { type: "submit" }, t("account.save")), said);
}
