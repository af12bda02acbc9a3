import { h, setAttribute, setText } from '../dom.js';

/**
 * The status of an instance as a word with a colour.
 * @param {string} [status]
 */
export function createBadge(status = '') {
  const word = h('span', {});
  const element = h('span', { class: 'badge' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), word);
  const update = (/** @type {string} */ next) => {
    setText(word, next);
    setAttribute(element, 'data-status', next.toLowerCase());
  };
  update(status);
  return { element, update };
}
