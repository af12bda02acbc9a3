import { manage } from '../api.js';
import { h } from '../dom.js';
import { isOver } from '../format.js';
import { openDialog } from './dialog.js';

/**
 * Something that can be done to an instance.
 * @typedef {object} Action
 * @property {string} label
 * @property {(status: string) => boolean} fits whether it makes sense for an instance of that status.
 * @property {boolean} [danger]
 * @property {(id: string, context: import('../main.js').Context, status: string) => void} open
 */

const reason = { name: 'reason', label: 'Reason', hint: 'Kept in the history.' };

/**
 * One that asks for a reason, and no more.
 * @param {string} label
 * @param {string} text
 * @param {string} done
 * @param {(status: string) => boolean} fits
 * @param {boolean} [danger]
 * @returns {Action}
 */
function withReason(label, text, done, fits, danger = false) {
  return {
    label,
    fits,
    danger,
    open: (id, { refresh, announce }) =>
      openDialog({
        title: `${label} ${id}`,
        text,
        confirm: label,
        danger,
        fields: [reason],
        run: async (values) => {
          await manage('POST', ['instances', id, label.toLowerCase()], { query: { reason: values.reason ?? '' } });
          announce(done);
          refresh();
        },
      }),
  };
}

const isRunning = (/** @type {string} */ status) => !isOver(status);

const sameId = /** @type {const} */ (['false', 'The same: its history is lost']);

/** @type {readonly Action[]} */
const actions = [
  {
    label: 'Raise event',
    fits: isRunning,
    open: (id, { refresh, announce }) =>
      openDialog({
        title: `Raise an event for ${id}`,
        text: 'An orchestration that does not wait for it yet gets it when it does.',
        confirm: 'Raise event',
        fields: [
          { name: 'name', label: 'Event name', required: true },
          { name: 'input', label: 'Data', type: 'json', hint: 'JSON; may be left empty.' },
        ],
        run: async ({ name = '', input = '' }) => {
          await manage('POST', ['instances', id, 'raiseEvent', name], { body: input });
          announce(`Raised ${name}`);
          refresh();
        },
      }),
  },
  withReason(
    'Suspend',
    'It takes no more steps until it is resumed. Activities that run go on.',
    'Suspended',
    (status) => {
      return isRunning(status) && status !== 'Suspended';
    },
  ),
  withReason('Resume', 'It goes on where it was.', 'Resumed', (status) => status === 'Suspended'),
  withReason('Rewind', 'What failed is tried again; what succeeded stays.', 'Rewound', (status) => status === 'Failed'),
  {
    label: 'Restart',
    fits: () => true,
    open: (id, { refresh, announce }, status) =>
      openDialog({
        title: `Restart ${id}`,
        text: 'It begins anew with the same input.',
        confirm: 'Restart',
        fields: [
          {
            name: 'id',
            label: 'Instance id',
            type: 'choice',
            choices: [['true', 'A new one'], ...(isOver(status) ? [sameId] : [])],
          },
        ],
        run: async (values) => {
          const query = { restartWithNewInstanceId: values.id ?? 'true' };
          const started = await manage('POST', ['instances', id, 'restart'], { query });
          announce('Restarted');
          location.hash = `#/instances/${encodeURIComponent(started.id)}`;
          refresh();
        },
      }),
  },
  withReason(
    'Terminate',
    'It ends at once, and cannot be resumed. Activities that run go on to their end.',
    'Terminated',
    isRunning,
    true,
  ),
  {
    label: 'Purge',
    fits: isOver,
    danger: true,
    open: (id, { announce }) =>
      openDialog({
        title: `Purge ${id}?`,
        text: 'The instance and its history are removed for good.',
        confirm: 'Purge',
        danger: true,
        run: async () => {
          await manage('DELETE', ['instances', id]);
          announce('Purged');
          location.hash = '#/instances';
        },
      }),
  },
];

/** @param {string} id @param {import('../main.js').Context} context */
export function createActions(id, context) {
  let now = '';
  const buttons = actions.map((action) => ({
    action,
    button: h(
      'button',
      { type: 'button', class: action.danger ? 'danger' : '', click: () => action.open(id, context, now) },
      `${action.label}…`,
    ),
  }));
  const element = h(
    'div',
    { class: 'actions', role: 'group', 'aria-label': 'Actions' },
    ...buttons.map(({ button }) => button),
  );
  const update = (/** @type {string} */ status) => {
    now = status;
    for (const { action, button } of buttons) {
      button.hidden = !action.fits(status);
    }
  };
  return { element, update };
}
