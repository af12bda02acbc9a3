import { read } from '../api.js';
import { fill, h, icon, reconcile, setAttribute, setText } from '../dom.js';
import { duration, isoTime, preciseTime, roundDuration } from '../format.js';
import { createJsonView } from './json-view.js';

/** @typedef {import('../../timeline.ts').Step} Step */

/** @type {Readonly<Record<string, string>>} */
const kinds = {
  activity: 'Activity',
  orchestration: 'Sub-orchestration',
  timer: 'Timer',
  event: 'External event',
  sent: 'Event sent',
  entity: 'Entity call',
  signal: 'Entity signal',
  lock: 'Lock',
  suspended: 'Suspension',
  rewound: 'Rewind',
  terminated: 'Termination',
};

/** @type {Readonly<Record<string, string>>} */
const words = { pending: 'under way', completed: 'completed', failed: 'failed', canceled: 'canceled' };

/**
 * The steps of an execution as bars along its time.
 * @param {string} instanceId
 */
export function createTimeline(instanceId) {
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' });
  const list = h('ol', { class: 'steps', 'aria-label': 'Steps' });
  const element = h('div', { class: 'timeline' }, axis, list);
  let scale = { start: 0, end: 1, now: 0 };
  /** @param {readonly Step[]} steps @param {{ start: number, end: number, now: number }} next */
  const update = (steps, next) => {
    scale = { ...next, end: Math.max(next.end, next.start + 1) };
    drawAxis(axis, scale.end - scale.start);
    reconcile(
      list,
      steps,
      (step) => `${step.index} ${step.start}`,
      createStep(instanceId, () => scale),
    );
    element.hidden = steps.length === 0;
  };
  return { element, update };
}

/** @param {HTMLElement} axis @param {number} length */
function drawAxis(axis, length) {
  const gap = niceGap(length / 4);
  const ticks = [];
  for (let at = 0; at <= length; at += gap) {
    const tick = h('span', { class: 'tick' }, h('span', {}, at === 0 ? '0' : roundDuration(at)));
    tick.style.left = `${(100 * at) / length}%`;
    tick.classList.toggle('tick-last', at > 0.9 * length);
    ticks.push(tick);
  }
  fill(axis, h('div', { class: 'axis-track' }, ...ticks));
}

/** The smallest round length of time that is not below `ms`. @param {number} ms */
function niceGap(ms) {
  const units = [1, 1000, 60_000, 3_600_000, 86_400_000];
  const unit = units.findLast((each) => each <= ms) ?? 1;
  const factors =
    unit === 1000 || unit === 60_000 ? [1, 2, 5, 10, 15, 30, 60] : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  const factor = factors.find((each) => each * unit >= ms) ?? Math.ceil(ms / unit);
  return factor * unit;
}

/** @param {string} instanceId @param {() => { start: number, end: number, now: number }} scaleNow */
function createStep(instanceId, scaleNow) {
  return (/** @type {Step} */ first) => {
    const id = `step-${first.index}`;
    const bar = h('span', { class: 'step-bar' });
    const lasted = h('span', { class: 'step-duration' });
    const said = h('span', { class: 'hidden' });
    const details = h('div', { class: 'step-details', id, hidden: true });
    const button = h(
      'button',
      { type: 'button', class: 'step', 'aria-expanded': 'false', 'aria-controls': id },
      h('span', { class: 'step-name' }, icon(first.kind), h('span', { class: 'clip' }, first.name)),
      h('span', { class: 'step-track', 'aria-hidden': 'true' }, bar),
      said,
      lasted,
    );
    const element = h('li', { 'data-kind': first.kind }, button, details);
    let step = first;
    let shown = '';
    const showDetails = () => {
      const now = JSON.stringify(step);
      if (!details.hidden && shown !== now) {
        shown = now;
        void fillDetails(details, instanceId, step);
      }
    };
    button.addEventListener('click', () => {
      details.hidden = !details.hidden;
      setAttribute(button, 'aria-expanded', String(!details.hidden));
      showDetails();
    });
    const update = (/** @type {Step} */ next) => {
      step = next;
      place(bar, step, scaleNow());
      setAttribute(element, 'data-status', step.status);
      setText(lasted, lengthOf(step, scaleNow().now));
      setText(said, ` ${kinds[step.kind]}, ${words[step.status]}, `);
      showDetails();
    };
    return { element, update };
  };
}

/** @param {Step} step @param {number} now */
function lengthOf({ start, end, status }, now) {
  if (status === 'canceled') {
    return 'canceled';
  }
  return end === start ? '' : duration((end ?? now) - start);
}

/** @param {HTMLElement} bar @param {Step} step @param {{ start: number, end: number }} scale */
function place(bar, { start, end, status }, scale) {
  const length = scale.end - scale.start;
  const until = end ?? (status === 'canceled' ? start : scale.end);
  const left = (100 * (start - scale.start)) / length;
  const isPoint = until === start;
  bar.classList.toggle('step-point', isPoint);
  bar.style.left = `${Math.min(left, 100)}%`;
  bar.style.width = isPoint ? '' : `${(100 * Math.max(0, until - start)) / length}%`;
}

/** @param {HTMLElement} details @param {string} instanceId @param {Step} step */
async function fillDetails(details, instanceId, step) {
  const facts = h(
    'dl',
    { class: 'facts' },
    ...fact('Kind', `${kinds[step.kind]}, ${words[step.status]}`),
    ...fact(step.end === step.start ? 'At' : 'Began', time(step.start)),
    ...(step.end === null || step.end === step.start ? [] : fact('Ended', time(step.end))),
    ...(step.fireAt === undefined ? [] : fact('Fires at', time(step.fireAt))),
    ...(step.instanceId === undefined || step.instanceId.startsWith('@')
      ? []
      : fact(
          'Instance',
          h('a', { class: 'id', href: `#/instances/${encodeURIComponent(step.instanceId)}` }, step.instanceId),
        )),
    ...(step.reason === undefined || step.reason === '' ? [] : fact('Reason', step.reason)),
  );
  const values = h('div', { class: 'values' });
  fill(details, facts, values);
  try {
    const { body } = await read(`instances/${encodeURIComponent(instanceId)}/steps/${step.index}`);
    const shown = /** @type {const} */ ([
      ['Input', body.input],
      ['Result', body.result],
    ]).filter(([, text]) => text !== null);
    fill(
      values,
      ...shown.map(([label, text]) => createJsonView(label, { text }).element),
      body.details && createErrorView(body.details),
    );
  } catch {
    fill(values, h('p', { class: 'muted' }, 'What went in and came out cannot be read now.'));
  }
}

/** @param {string} details */
function createErrorView(details) {
  const text = h('pre', { class: 'code', tabindex: '0', role: 'group', 'aria-label': 'Error' }, details);
  return h('div', { class: 'value' }, h('div', { class: 'value-header' }, h('h3', {}, 'Error')), text);
}

/** @param {string} term @param {Node | string} value */
function fact(term, value) {
  return [h('dt', {}, term), h('dd', {}, value)];
}

/** @param {number} at */
function time(at) {
  return h('time', { datetime: isoTime(at), title: isoTime(at) }, preciseTime(at));
}
