// DOM elements from data: text goes in as text, never as markup.

/**
 * Make an element.
 * @param {string} tag name, with optional classes: "li.row.big"
 * @param {object} [props] attributes; functions become listeners (onclick), style an object
 * @param {...(Node|string|number|null|Array)} children null and undefined are left out
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Make an SVG element; texts go in as text. */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(props)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Replace what is in `element`, keeping focus on the control with the same data-key. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const top = element.scrollTop;
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined));
  element.scrollTop = top;
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export const byId = (id) => document.getElementById(id);

/** One of a few: buttons in a row. */
export const segment = (name, choices, chosen, choose) =>
  h(
    "div.segment",
    { role: "group", "aria-label": name },
    choices.map(([value, text]) =>
      h("button", { type: "button", "data-key": `seg-${value}`, "data-value": value, "aria-pressed": String(value === chosen), onclick: () => choose(value) }, text),
    ),
  );

export const check = (name, text, on, set) =>
  h("label.check", {}, h("input", { type: "checkbox", "data-key": name, id: `layer-${name}`, checked: on, onchange: (e) => set({ [name]: e.target.checked ? "1" : "0" }) }), h("span", {}, text));
