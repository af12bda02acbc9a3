/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Readonly<Record<string, unknown>>} Props */

/**
 * Makes an element. A prop that is a function listens to the event of its name; `true` sets an attribute, `false`,
 * `null` and `undefined` leave it out. Text is only ever text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') {
      element.addEventListener(name, /** @type {EventListener} */ (value));
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...present(children));
  return element;
}

/** @param {readonly Child[]} children @returns {(Node | string)[]} */
function present(children) {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}

/** @param {Element} element @param {string} name @param {unknown} value */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value === true ? '' : value)) {
    element.setAttribute(name, String(value === true ? '' : value));
  }
}

/** Sets the text of an element where it has changed. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** @param {Element} element @param {...Child} children */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * Gives a container one element for each item, in their order. Elements are kept by key, so that focus, scrolling and
 * what is open stay as they are while data comes in.
 * @template T
 * @template {HTMLElement} E
 * @param {HTMLElement} container
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => { element: E, update: (item: T) => void }} create
 */
export function reconcile(container, items, keyOf, create) {
  const known = kept.get(container) ?? new Map();
  kept.set(container, known);
  const keys = new Set(items.map(keyOf));
  for (const [key, { element }] of known) {
    if (!keys.has(key)) {
      element.remove();
      known.delete(key);
    }
  }
  let before = container.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const entry = known.get(key) ?? create(item);
    known.set(key, entry);
    entry.update(item);
    if (before !== null && entry.element === before) {
      before = before.nextElementSibling;
    } else {
      container.insertBefore(entry.element, before);
    }
  }
}

/** @type {WeakMap<HTMLElement, Map<string, { element: HTMLElement, update: (item: any) => void }>>} */
const kept = new WeakMap();

const svg = 'http://www.w3.org/2000/svg';

/** @type {Readonly<Record<string, string>>} */
const shapes = {
  activity: 'M9 1 3 9h4l-1 6 7-9H8z',
  orchestration: 'M6 1.5h4v3H6zM8 4.5v3M3.5 10.5v-3h9v3M1.5 10.5h4v4h-4zM10.5 10.5h4v4h-4z',
  timer: 'M8 4v4l3 2M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z',
  event: 'M8 2a4 4 0 0 0-4 4c0 4-2 5-2 5h12s-2-1-2-5a4 4 0 0 0-4-4zM6.5 14h3',
  sent: 'M2 8h11M9 4l4 4-4 4',
  signal: 'M2 8h11M9 4l4 4-4 4',
  entity: 'M8 1.5 14 5v6l-6 3.5L2 11V5zM2 5l6 3.5L14 5M8 8.5v6',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  suspended: 'M5 3v10M11 3v10',
  rewound: 'M8 3 2 8l6 5zM14 3 8 8l6 5z',
  terminated: 'M4 4h8v8H4z',
};

/** A picture that says nothing new. @param {string} name */
export function icon(name) {
  const element = document.createElementNS(svg, 'svg');
  element.setAttribute('viewBox', '0 0 16 16');
  element.setAttribute('class', 'icon');
  element.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[name] ?? '');
  element.append(path);
  return element;
}
