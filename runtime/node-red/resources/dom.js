//! Elements of the page. Texts are set as texts and never read as HTML: names come from flows.

/**
 * @param {string} tag
 * @param {object} props `class`, `text`, `on` (listeners by event), everything else an attribute; `undefined` and `false` are left out
 * @param {...(Node|undefined)} children
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'text') element.textContent = value;
    else if (name === 'on') for (const [event, call] of Object.entries(value)) element.addEventListener(event, call);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Leaves the page alone when nothing changed, so that a screen reader says what is new and nothing else. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The same for an attribute; `undefined` takes it away. */
export function setAttribute(element, name, value) {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export const show = (element, isShown) => { element.hidden = !isShown; };

/**
 * Keeps the children of an element in step with a list; an item that stays keeps its element, and with it focus and what is open.
 * @param {Element} parent holds nothing else
 * @param {Array} items
 * @param {(item) => string} keyOf
 * @param {(item) => {element: Element, update?: (item) => void}} make
 */
export function keyed(parent, items, keyOf, make) {
  const rows = rowsOf.get(parent) ?? new Map();
  rowsOf.set(parent, rows);
  const keys = new Set(items.map(keyOf));
  for (const [key, row] of rows) {
    if (keys.has(key)) continue;
    row.element.remove();
    rows.delete(key);
  }
  items.forEach((item, at) => {
    const key = keyOf(item);
    if (!rows.has(key)) rows.set(key, make(item));
    const { element, update } = rows.get(key);
    if (parent.children[at] !== element) parent.insertBefore(element, parent.children[at] ?? null);
    update?.(item);
  });
}

const rowsOf = new WeakMap();

/** A button in Node-RED's look. */
export function button(icon, label, title, call) {
  return el('button', { type: 'button', class: 'red-ui-button red-ui-button-small', title, 'aria-label': label ? undefined : title, on: { click: call } },
    el('i', { class: `fa ${icon}`, 'aria-hidden': 'true' }), label ? el('span', { text: ` ${label}` }) : undefined);
}

/** Off, with the reason as its tooltip; `why` is `undefined`: on. */
export function allow(element, why) {
  element.dataset.title ??= element.title;
  element.disabled = why !== undefined;
  setAttribute(element, 'title', why ?? element.dataset.title);
}
