import { fill, h } from '../dom.js';
import { pretty, size } from '../format.js';

/** Longer ones are not coloured: each colour is an element. */
const longestColored = 60_000;
const foldedLines = 14;

/** @typedef {{ text: string } | { length: number } | null} Preview */

/**
 * A value as JSON, folded when it is long, and fetched on demand when it is very long.
 * @param {string} label
 * @param {Preview} value
 * @param {() => Promise<string>} load gives the whole.
 */
export function createJsonView(label, value, load = () => Promise.reject(new Error('There is no more'))) {
  const body = h('div', {});
  const tools = h('div', { class: 'value-tools' });
  const header = h('div', { class: 'value-header' }, h('h3', {}, label), tools);
  const element = h('div', { class: 'value', role: 'group', 'aria-label': label }, header, body);
  const show = (/** @type {string} */ json) => showText(body, tools, label, json);
  let shown = '';
  const update = (/** @type {Preview} */ next) => {
    const now = JSON.stringify(next);
    if (now === shown) {
      return;
    }
    shown = now;
    element.hidden = next === null;
    if (next === null) {
      fill(body);
    } else if ('text' in next) {
      show(next.text);
    } else {
      fill(tools);
      fill(
        body,
        h('p', { class: 'muted' }, `${size(next.length)} of JSON. `),
        h('button', { type: 'button', click: async () => show(await load()) }, 'Load it'),
      );
    }
  };
  update(value);
  return { element, update };
}

/** @param {HTMLElement} body @param {HTMLElement} tools @param {string} label @param {string} json */
function showText(body, tools, label, json) {
  const text = pretty(json);
  const lines = text.split('\n').length;
  const isLong = lines > foldedLines || text.length > 1500;
  const pre = h('pre', { class: 'code', tabindex: '0', role: 'group', 'aria-label': `${label}, as JSON` });
  pre.append(...(text.length > longestColored ? [text] : colored(text)));
  pre.classList.toggle('folded', isLong);
  const fold = h('button', { type: 'button', class: 'quiet', 'aria-expanded': 'false' }, `Show all ${lines} lines`);
  fold.addEventListener('click', () => {
    const folded = pre.classList.toggle('folded');
    fold.textContent = folded ? `Show all ${lines} lines` : 'Show less';
    fold.setAttribute('aria-expanded', String(!folded));
  });
  const copy = h('button', { type: 'button', class: 'quiet' }, 'Copy');
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = 'Copied';
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 1500);
  });
  fill(tools, isLong && fold, copy);
  fill(body, pre);
}

const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

/** JSON with its names, texts, numbers and words told apart. @param {string} text @returns {(Node | string)[]} */
function colored(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon, word] = match;
    const kind =
      string === undefined ? (word === undefined ? 'number' : 'word') : colon === undefined ? 'text' : 'name';
    parts.push(text.slice(last, match.index), h('span', { class: `json-${kind}` }, string ?? whole), colon ?? '');
    last = match.index + whole.length;
  }
  return [...parts, text.slice(last)];
}
