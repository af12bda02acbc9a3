import { manage, read } from '../api.js';
import { h, reconcile, setAttribute, setText } from '../dom.js';
import { ago, dateTime, duration, inline, isOver, isoTime } from '../format.js';
import { createBadge } from '../parts/badge.js';
import { openDialog } from '../parts/dialog.js';
import { createPager } from '../parts/pager.js';

const statuses = ['Running', 'Pending', 'Suspended', 'Completed', 'Failed', 'Terminated'];

/**
 * All instances, the newest first, and what narrows them down.
 * @param {import('../main.js').Context} context
 * @returns {import('../main.js').View}
 */
export function createInstancesView(context) {
  const filters = createFilters(context, () => {
    pager.reset();
    context.refresh();
  });
  const pager = createPager(() => context.refresh());
  const rows = h('tbody', {});
  const empty = h('p', { class: 'empty', hidden: true });
  const headers = ['Status', 'Orchestration', 'Created', 'Duration', 'Custom status'];
  const table = h(
    'table',
    { class: 'table' },
    h('caption', { class: 'hidden' }, 'Instances, the newest first'),
    h('thead', {}, h('tr', {}, ...headers.map((text) => h('th', { scope: 'col' }, text)))),
    rows,
  );
  const element = h(
    'div',
    {},
    h(
      'div',
      { class: 'view-header' },
      h('h1', {}, 'Instances'),
      h('span', { class: 'muted' }, `Task hub ${context.app.taskHub}`),
      context.app.orchestrators.length > 0 &&
        h('button', { type: 'button', class: 'primary', click: () => startInstance(context) }, 'Start…'),
    ),
    filters.element,
    h('div', { class: 'card' }, table, empty),
    pager.element,
  );
  let now = 0;
  const refresh = async (/** @type {AbortSignal} */ signal) => {
    const query = filters.values();
    const { body } = await read('instances', { query: { ...query, after: pager.after() }, signal });
    now = body.now;
    reconcile(
      rows,
      body.items,
      (item) => item.instanceId,
      createRow(() => now),
    );
    table.hidden = body.items.length === 0;
    empty.hidden = body.items.length > 0;
    const isFiltered = Object.values(query).some((value) => value !== '');
    setText(
      empty,
      body.next !== null
        ? 'None among the instances looked at so far: look further back.'
        : isFiltered
          ? 'No instance is like that.'
          : 'There are no instances yet: start one here, or have the app do it.',
    );
    pager.update(body.next, body.items.length);
  };
  return { title: 'Instances', element, refresh };
}

/** @param {() => number} clock of the host. */
function createRow(clock) {
  return (/** @type {{ instanceId: string }} */ { instanceId }) => {
    const badge = createBadge();
    const name = h('span', { class: 'name' });
    const created = h('time', {});
    const lasted = h('td', { class: 'number', 'data-label': 'Duration' });
    const custom = h('span', { class: 'code clip' });
    const link = h('a', { class: 'id', href: `#/instances/${encodeURIComponent(instanceId)}` }, instanceId);
    const element = h(
      'tr',
      {},
      h('td', {}, badge.element),
      h('td', { class: 'main-cell' }, name, link),
      h('td', { 'data-label': 'Created' }, created),
      lasted,
      h('td', { class: 'custom', 'data-label': 'Custom status' }, custom),
    );
    const update = (/** @type {any} */ item) => {
      const now = clock();
      badge.update(item.status);
      setText(name, item.name);
      setText(created, ago(item.createdAt, now));
      setAttribute(created, 'datetime', isoTime(item.createdAt));
      setAttribute(created, 'title', dateTime(item.createdAt));
      setText(lasted, duration((isOver(item.status) ? item.updatedAt : now) - item.createdAt));
      setText(custom, item.customStatus === null ? '' : inline(item.customStatus));
      setAttribute(element, 'data-empty', item.customStatus === null);
    };
    return { element, update };
  };
}

/** @param {import('../main.js').Context} context @param {() => void} onChange */
function createFilters({ query, setQuery, app }, onChange) {
  const chosen = new Set((query.get('status') ?? '').split(','));
  const boxes = statuses.map((status) => {
    const box = h('input', { type: 'checkbox', value: status, checked: chosen.has(status) });
    return { box, label: h('label', { class: 'chip' }, box, status) };
  });
  const name = h(
    'select',
    {},
    h('option', { value: '' }, 'Any'),
    ...app.orchestrators.map((each) => h('option', { value: each, selected: each === query.get('name') }, each)),
  );
  const prefix = h('input', {
    type: 'search',
    value: query.get('prefix') ?? '',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const from = h('input', { type: 'datetime-local', value: query.get('from') ?? '' });
  const to = h('input', { type: 'datetime-local', value: query.get('to') ?? '' });
  const raw = () => ({
    status: boxes.flatMap(({ box }) => (box.checked ? [box.value] : [])).join(','),
    name: name.value,
    prefix: prefix.value.trim(),
    from: from.value,
    to: to.value,
  });
  let waiting = 0;
  const changed = () => {
    setQuery(raw());
    clear.hidden = Object.values(raw()).every((value) => value === '');
    clearTimeout(waiting);
    waiting = setTimeout(onChange, 150);
  };
  const clear = h('button', { type: 'button', class: 'quiet', hidden: query.size === 0 }, 'Clear');
  clear.addEventListener('click', () => {
    for (const { box } of boxes) {
      box.checked = false;
    }
    for (const input of [name, prefix, from, to]) {
      input.value = '';
    }
    changed();
  });
  const field = (/** @type {string} */ label, /** @type {HTMLElement} */ input) =>
    h('label', { class: 'field' }, label, input);
  const element = h(
    'form',
    { class: 'filters', input: changed, submit: (/** @type {Event} */ event) => event.preventDefault() },
    h('fieldset', { class: 'chips' }, h('legend', { class: 'hidden' }, 'Status'), ...boxes.map(({ label }) => label)),
    h(
      'div',
      { class: 'fields' },
      field('Orchestration', name),
      field('Id begins with', prefix),
      field('Created from', from),
      field('to', to),
      clear,
    ),
  );
  const time = (/** @type {string} */ local) => (local === '' ? '' : new Date(local).toISOString());
  return { element, values: () => ({ ...raw(), from: time(from.value), to: time(to.value) }) };
}

/** @param {import('../main.js').Context} context */
function startInstance({ app }) {
  openDialog({
    title: 'Start an orchestration',
    text: 'It begins at once.',
    confirm: 'Start',
    fields: [
      { name: 'name', label: 'Orchestration', type: 'choice', choices: app.orchestrators.map((name) => [name, name]) },
      { name: 'id', label: 'Instance id', hint: 'Left empty, the host makes one.' },
      { name: 'input', label: 'Input', type: 'json', hint: 'JSON; may be left empty.' },
    ],
    run: async ({ name = '', id = '', input = '' }) => {
      const started = await manage('POST', ['orchestrators', name, ...(id === '' ? [] : [id])], { body: input });
      location.hash = `#/instances/${encodeURIComponent(started.id)}`;
    },
  });
}
