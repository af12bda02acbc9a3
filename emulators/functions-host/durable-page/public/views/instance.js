import { Refused, read } from '../api.js';
import { fill, h, reconcile, setAttribute, setText } from '../dom.js';
import { ago, dateTime, duration, inline, isOver, isoTime } from '../format.js';
import { createActions } from '../parts/actions.js';
import { createBadge } from '../parts/badge.js';
import { createJsonView } from '../parts/json-view.js';
import { createTimeline } from '../parts/timeline.js';

const stepsAtOnce = 500;

/**
 * One instance: what it is, what can be done with it, and its history as a timeline.
 * @param {string} id
 * @param {import('../main.js').Context} context
 * @returns {import('../main.js').View}
 */
export function createInstanceView(id, context) {
  const badge = createBadge();
  const name = h('h1', {});
  const actions = createActions(id, context);
  const facts = createFacts();
  const values = createValues(id);
  const timeline = createTimeline(id);
  const children = createChildren();
  const problem = h('section', { class: 'card problem', 'aria-label': 'Error', hidden: true });
  const more = h('button', { type: 'button', hidden: true });
  const none = h('p', { class: 'muted', hidden: true }, 'It has done nothing yet.');
  let steps = stepsAtOnce;
  more.addEventListener('click', () => {
    steps += stepsAtOnce;
    context.refresh();
  });
  const whole = h(
    'div',
    { hidden: true },
    h('div', { class: 'view-header' }, name, badge.element),
    h('p', { class: 'id instance-id' }, id),
    actions.element,
    problem,
    facts.element,
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'timeline' },
      h('h2', { id: 'timeline' }, 'Timeline'),
      timeline.element,
      none,
      more,
    ),
    children.element,
    values.element,
  );
  const absent = h('p', { class: 'card empty', hidden: true }, `There is no instance ${id} (any more).`);
  const element = h('div', {}, h('a', { class: 'back', href: '#/instances' }, '← Instances'), whole, absent);

  /** @type {any} */
  let known;
  /** @type {string | null} */
  let etag = null;
  /** How far the clock of the host is ahead of this one. */
  let ahead = 0;
  const draw = () => {
    const now = Date.now() + ahead;
    const end = isOver(known.status) ? known.updatedAt : now;
    setText(name, known.name);
    badge.update(known.status);
    actions.update(known.status);
    facts.update(known, now);
    children.update(known.steps);
    timeline.update(known.steps, { start: known.startedAt, end, now });
    none.hidden = known.steps.length > 0;
    more.hidden = known.stepCount <= known.steps.length;
    setText(more, `Show more of ${known.stepCount.toLocaleString()} steps`);
  };
  const refresh = async (/** @type {AbortSignal} */ signal) => {
    try {
      const answer = await read(`instances/${encodeURIComponent(id)}`, {
        query: { steps: String(steps) },
        etag,
        signal,
      });
      absent.hidden = true;
      whole.hidden = false;
      etag = answer.etag;
      if (answer.body !== null) {
        known = answer.body;
        ahead = known.now - Date.now();
        showProblem(problem, known);
        values.update(known);
        draw();
      } else if (!isOver(known.status)) {
        draw(); // Time goes on where nothing else does.
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      etag = null;
      absent.hidden = false;
      whole.hidden = true;
    }
  };
  return { title: id, element, refresh };
}

/** @param {HTMLElement} problem @param {any} instance */
function showProblem(problem, { status, output }) {
  problem.hidden = status !== 'Failed';
  if (status === 'Failed') {
    const text = output !== null && 'text' in output ? inline(output.text) : 'The error is long: see the output.';
    fill(
      problem,
      h('h2', {}, 'Error'),
      h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Error' }, text),
    );
  }
}

function createFacts() {
  const created = h('time', {});
  const updated = h('time', {});
  const lasted = h('dd', {});
  const version = h('dd', {});
  const waiting = h('dd', {});
  const parent = h('dd', {});
  const execution = h('dd', { class: 'code' });
  const entry = (/** @type {string} */ term, /** @type {HTMLElement} */ value) => {
    return h('div', {}, h('dt', {}, term), value.tagName === 'DD' ? value : h('dd', {}, value));
  };
  const entries = {
    version: entry('Version', version),
    parent: entry('Parent', parent),
    waiting: entry('Waiting messages', waiting),
  };
  const element = h(
    'dl',
    { class: 'card fact-row' },
    entry('Created', created),
    entry('Last updated', updated),
    entry('Duration', lasted),
    entries.parent,
    entries.version,
    entries.waiting,
    entry('Execution', execution),
  );
  const showTime = (/** @type {HTMLTimeElement} */ time, /** @type {number} */ at, /** @type {number} */ now) => {
    setText(time, `${dateTime(at)} (${ago(at, now)})`);
    setAttribute(time, 'datetime', isoTime(at));
    setAttribute(time, 'title', isoTime(at));
  };
  const update = (/** @type {any} */ instance, /** @type {number} */ now) => {
    showTime(created, instance.createdAt, now);
    showTime(updated, instance.updatedAt, now);
    setText(lasted, duration((isOver(instance.status) ? instance.updatedAt : now) - instance.createdAt));
    entries.version.hidden = instance.version === null;
    setText(version, instance.version ?? '');
    entries.waiting.hidden = instance.waitingMessages === 0;
    setText(waiting, String(instance.waitingMessages));
    setText(execution, instance.executionId);
    entries.parent.hidden = instance.parent === null;
    const parentId = instance.parent?.instanceId ?? '';
    if (parent.textContent !== parentId) {
      fill(parent, h('a', { class: 'id', href: `#/instances/${encodeURIComponent(parentId)}` }, parentId));
    }
  };
  return { element, update };
}

/** @type {Readonly<Record<string, string>>} */
const childStatuses = { pending: 'Running', completed: 'Completed', failed: 'Failed', canceled: 'Left' };
const mostChildren = 50;

/** The instances that this one has started. */
function createChildren() {
  const list = h('ul', { class: 'children' });
  const rest = h('p', { class: 'muted', hidden: true });
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'children', hidden: true },
    h('h2', { id: 'children' }, 'Sub-orchestrations'),
    list,
    rest,
  );
  const createChild = (/** @type {import('../../timeline.ts').Step} */ { name, instanceId = '' }) => {
    const badge = createBadge();
    const link = h('a', { class: 'id', href: `#/instances/${encodeURIComponent(instanceId)}` }, instanceId);
    return {
      element: h('li', {}, badge.element, h('span', {}, name), link),
      update: (/** @type {import('../../timeline.ts').Step} */ { status }) => badge.update(childStatuses[status] ?? ''),
    };
  };
  const update = (/** @type {readonly import('../../timeline.ts').Step[]} */ steps) => {
    const all = steps.filter(({ kind }) => kind === 'orchestration');
    element.hidden = all.length === 0;
    reconcile(list, all.slice(0, mostChildren), ({ index, start }) => `${index} ${start}`, createChild);
    rest.hidden = all.length <= mostChildren;
    setText(rest, `and ${all.length - mostChildren} more in the timeline`);
  };
  return { element, update };
}

/** @param {string} id */
function createValues(id) {
  const whole = (/** @type {string} */ which) => async () => {
    const { body } = await read(`instances/${encodeURIComponent(id)}/values/${which}`);
    return body.text ?? 'null';
  };
  const views = {
    customStatus: createJsonView('Custom status', null, whole('customStatus')),
    input: createJsonView('Input', null, whole('input')),
    output: createJsonView('Output', null, whole('output')),
  };
  const element = h('div', { class: 'card values' }, ...Object.values(views).map((view) => view.element));
  const update = (/** @type {any} */ instance) => {
    views.customStatus.update(instance.customStatus);
    views.input.update(instance.input);
    views.output.update(instance.status === 'Failed' ? null : instance.output);
    element.hidden = [...element.children].every((child) => /** @type {HTMLElement} */ (child).hidden);
  };
  return { element, update };
}
