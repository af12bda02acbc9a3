import { h, setText } from '../dom.js';

/**
 * Goes through the pages of a list, forwards by the list's own tokens and back by those it has seen.
 * @param {() => void} onTurn
 */
export function createPager(onTurn) {
  /** @type {string[]} */
  let seen = [];
  /** @type {string | null} */
  let next = null;
  const turn = (/** @type {string[]} */ tokens) => {
    seen = tokens;
    onTurn();
    scrollTo(0, 0);
  };
  const back = h('button', { type: 'button', click: () => turn(seen.slice(0, -1)) }, '← Back');
  const on = h('button', { type: 'button', click: () => next !== null && turn([...seen, next]) }, 'Further →');
  const where = h('span', { class: 'muted' });
  const element = h('nav', { class: 'pager', 'aria-label': 'Pages' }, back, where, on);
  return {
    element,
    after: () => seen.at(-1) ?? '',
    reset: () => {
      seen = [];
    },
    /** @param {string | null} token of the next page. @param {number} count of items on this one. */
    update: (token, count) => {
      next = token;
      back.disabled = seen.length === 0;
      on.disabled = token === null;
      element.hidden = seen.length === 0 && token === null;
      setText(where, `Page ${seen.length + 1}, ${count} shown`);
    },
  };
}
