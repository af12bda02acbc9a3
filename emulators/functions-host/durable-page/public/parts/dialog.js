import { fill, h } from '../dom.js';

/**
 * A field of a dialog.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {'text' | 'json' | 'choice'} [type]
 * @property {string} [value]
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {readonly (readonly [value: string, label: string])[]} [choices]
 */

/**
 * Asks before something is done, and does it: the dialog stays open while that takes, and says why it did not work.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.text
 * @param {readonly Field[]} [options.fields]
 * @param {string} options.confirm what the button says.
 * @param {boolean} [options.danger] whether something is lost.
 * @param {(values: Readonly<Record<string, string>>) => Promise<void>} options.run
 */
export function openDialog({ title, text, fields = [], confirm, danger = false, run }) {
  const inputs = fields.map((field) => ({ field, ...createField(field) }));
  const error = h('p', { class: 'error', role: 'alert' });
  const button = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, confirm);
  const cancel = h('button', { type: 'button', click: () => dialog.close() }, 'Cancel');
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = inputs.find(({ field, input }) => field.type === 'json' && !isJson(input.value));
    if (wrong !== undefined) {
      fill(error, `${wrong.field.label} is no JSON: a text needs quotes around it.`);
      wrong.input.focus();
      return;
    }
    button.disabled = true;
    try {
      await run(Object.fromEntries(inputs.map(({ field, input }) => [field.name, input.value])));
      dialog.close();
    } catch (failure) {
      fill(
        error,
        failure instanceof TypeError ? 'The host does not answer.' : String(/** @type {Error} */ (failure).message),
      );
      button.disabled = false;
    }
  };
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'dialog-title', close: () => dialog.remove() },
    h(
      'form',
      { submit },
      h('h2', { id: 'dialog-title' }, title),
      h('p', { class: 'muted' }, text),
      ...inputs.map(({ label }) => label),
      error,
      h('div', { class: 'dialog-actions' }, cancel, button),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  (inputs[0]?.input ?? (danger ? cancel : button)).focus();
}

/** @param {Field} field */
function createField({ name, label, type = 'text', value = '', hint = '', required = false, choices = [] }) {
  const id = `field-${name}`;
  const described = hint === '' ? {} : { 'aria-describedby': `${id}-hint` };
  const common = { id, name, required, autocomplete: 'off', spellcheck: 'false', ...described };
  const input =
    type === 'choice'
      ? h('select', { id, ...described }, ...choices.map(([each, text]) => h('option', { value: each }, text)))
      : type === 'json'
        ? h('textarea', { ...common, rows: '5', class: 'code' })
        : h('input', { ...common, type: 'text' });
  if (value !== '') {
    input.value = value;
  }
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    input,
    hint !== '' && h('span', { class: 'hint', id: `${id}-hint` }, hint),
  );
  return { input, label: element };
}

/** @param {string} text */
function isJson(text) {
  try {
    return text.trim() === '' || JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
