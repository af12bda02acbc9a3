import { key } from '../api.js';
import { h } from '../dom.js';

/**
 * Asks for the master key of the host.
 * @param {string} complaint about the last one; may be empty.
 * @param {() => void} onGiven
 * @returns {import('../main.js').View}
 */
export function createKeyView(complaint, onGiven) {
  const input = h('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'off',
    required: true,
    'aria-describedby': 'key-help',
    'aria-invalid': complaint === '' ? null : 'true',
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    key.set(input.value.trim());
    onGiven();
  };
  const element = h(
    'section',
    { class: 'card key-card' },
    h('h1', {}, 'Unlock'),
    h(
      'p',
      { id: 'key-help', class: 'muted' },
      'This host asks for its master key: ',
      h('code', {}, 'master'),
      ' in ',
      h('code', {}, 'keys.json'),
      ' of its data folder. This tab keeps it until it is closed.',
    ),
    h(
      'form',
      { submit },
      h('label', { class: 'field' }, 'Master key', input),
      complaint !== '' && h('p', { class: 'error', role: 'alert' }, complaint),
      h('button', { type: 'submit', class: 'primary' }, 'Unlock'),
    ),
  );
  queueMicrotask(() => input.focus());
  return { title: 'Unlock', element };
}
