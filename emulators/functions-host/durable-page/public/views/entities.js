import { manage, read } from '../api.js';
import { h, reconcile, setAttribute, setText } from '../dom.js';
import { ago, dateTime, isoTime } from '../format.js';
import { openDialog } from '../parts/dialog.js';
import { createJsonView } from '../parts/json-view.js';
import { createPager } from '../parts/pager.js';

/**
 * Entities with their state.
 * @param {import('../main.js').Context} context
 * @returns {import('../main.js').View}
 */
export function createEntitiesView(context) {
  const { query, setQuery, app, refresh: again } = context;
  const pager = createPager(again);
  const name = h(
    'select',
    {},
    h('option', { value: '' }, 'Any'),
    ...app.entities.map((each) => h('option', { value: each, selected: each === query.get('name') }, each)),
  );
  const prefix = h('input', {
    type: 'search',
    value: query.get('prefix') ?? '',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const values = () => ({ name: name.value, prefix: name.value === '' ? '' : prefix.value.trim() });
  const changed = () => {
    prefix.disabled = name.value === '';
    setQuery(values());
    pager.reset();
    again();
  };
  prefix.disabled = name.value === '';
  const list = h('ul', { class: 'entities' });
  const empty = h('p', { class: 'card empty', hidden: true }, 'There is no such entity.');
  const element = h(
    'div',
    {},
    h('div', { class: 'view-header' }, h('h1', {}, 'Entities')),
    h(
      'form',
      { class: 'filters', input: changed, submit: (/** @type {Event} */ event) => event.preventDefault() },
      h(
        'div',
        { class: 'fields' },
        h('label', { class: 'field' }, 'Entity', name),
        h('label', { class: 'field' }, 'Key begins with', prefix),
      ),
    ),
    list,
    empty,
    pager.element,
  );
  let now = 0;
  const refresh = async (/** @type {AbortSignal} */ signal) => {
    const { body } = await read('entities', { query: { ...values(), after: pager.after() }, signal });
    now = body.now;
    reconcile(
      list,
      body.items,
      (item) => `${item.name}@${item.key}`,
      createEntity(context, () => now),
    );
    empty.hidden = body.items.length > 0;
    pager.update(body.next, body.items.length);
  };
  return { title: 'Entities', element, refresh };
}

/** @param {import('../main.js').Context} context @param {() => number} clock */
function createEntity(context, clock) {
  return (/** @type {any} */ { name, key, state }) => {
    const touched = h('time', {});
    const lock = h('p', { class: 'muted', hidden: true });
    const lockLink = h('a', { class: 'id' });
    lock.append('Locked by ', lockLink);
    const waiting = h('p', { class: 'muted', hidden: true });
    const path = ['entities', name, key === '' ? '$' : key];
    const view = createJsonView('State', state, async () => JSON.stringify(await manage('GET', path)));
    const element = h(
      'li',
      { class: 'card entity' },
      h(
        'div',
        { class: 'entity-header' },
        h('h2', {}, h('span', { class: 'muted' }, `${name} / `), key === '' ? '(no key)' : key),
        touched,
        h('button', { type: 'button', click: () => signal(context, name, key) }, 'Signal…'),
      ),
      lock,
      waiting,
      view.element,
    );
    const update = (/** @type {any} */ item) => {
      const now = clock();
      setText(touched, ago(item.updatedAt, now));
      setAttribute(touched, 'datetime', isoTime(item.updatedAt));
      setAttribute(touched, 'title', dateTime(item.updatedAt));
      lock.hidden = item.lockedBy === null;
      setText(lockLink, item.lockedBy ?? '');
      setAttribute(lockLink, 'href', `#/instances/${encodeURIComponent(item.lockedBy ?? '')}`);
      waiting.hidden = item.waitingMessages === 0;
      setText(waiting, `${item.waitingMessages} operations wait`);
      view.update(item.state);
    };
    return { element, update };
  };
}

/** @param {import('../main.js').Context} context @param {string} name @param {string} key */
function signal({ refresh, announce }, name, key) {
  openDialog({
    title: `Signal ${name} / ${key}`,
    text: 'The entity runs the operation in its turn; nobody gets an answer.',
    confirm: 'Signal',
    fields: [
      { name: 'op', label: 'Operation', required: true },
      { name: 'input', label: 'Input', type: 'json', hint: 'JSON; may be left empty.' },
    ],
    run: async ({ op = '', input = '' }) => {
      await manage('POST', ['entities', name, key === '' ? '$' : key], { query: { op }, body: input });
      announce('Signalled');
      refresh();
    },
  });
}
