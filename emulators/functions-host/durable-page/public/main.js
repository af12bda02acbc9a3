import { KeyNeeded, key, read } from './api.js';
import { fill, h, setAttribute } from './dom.js';
import { createEntitiesView } from './views/entities.js';
import { createInstanceView } from './views/instance.js';
import { createInstancesView } from './views/instances.js';
import { createKeyView } from './views/key.js';

/**
 * One of the things that the page shows.
 * @typedef {object} View
 * @property {string} title
 * @property {HTMLElement} element
 * @property {(signal: AbortSignal) => Promise<void>} [refresh] reads what has changed.
 */

/**
 * What a view may ask of the page.
 * @typedef {object} Context
 * @property {URLSearchParams} query of the address.
 * @property {(query: Readonly<Record<string, string>>) => void} setQuery keeps a filter in the address.
 * @property {() => void} refresh has the view read at once.
 * @property {(message: string) => void} announce
 * @property {{ hostVersion: string, taskHub: string, orchestrators: string[], entities: string[] }} app
 */

const refreshMs = 2000;
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const nav = /** @type {HTMLElement} */ (document.getElementById('nav'));
const connection = /** @type {HTMLElement} */ (document.getElementById('connection'));
const announcements = /** @type {HTMLElement} */ (document.getElementById('announcements'));

let leaving = new AbortController();
let wake = () => {};
/** Whether somebody wants to see what is new, and nobody has looked since. */
let isDue = false;
let shownConnection = '';
/** @type {Context['app'] | undefined} */
let app;

function parts() {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').map(decodeURIComponent), query: new URLSearchParams(search) };
}

/** @param {'live' | 'lost' | 'locked'} state */
function showConnection(state) {
  const now = `${state} ${key.get() === null}`;
  if (now === shownConnection) {
    return; // What has the focus keeps it.
  }
  shownConnection = now;
  const words = { live: 'Live', lost: 'The host does not answer', locked: 'Locked' };
  fill(
    connection,
    h('span', { class: `live live-${state}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }), words[state]),
    state !== 'locked' &&
      key.get() !== null &&
      h('button', { type: 'button', class: 'quiet', click: forgetKey }, 'Lock'),
  );
}

function forgetKey() {
  key.forget();
  app = undefined;
  void open();
}

/** @param {string} message */
function announce(message) {
  announcements.textContent = message;
  setTimeout(() => {
    if (announcements.textContent === message) {
      announcements.textContent = '';
    }
  }, 6000);
}

/** @param {View} view */
function show({ title, element }) {
  document.title = `${title} · Durable Functions`;
  fill(main, element);
}

/** @param {string} message */
function askForKey(message) {
  leaving.abort();
  showConnection('locked');
  show(
    createKeyView(message, () => {
      void open();
    }),
  );
}

/** @returns {View} */
function createView() {
  const { path, query } = parts();
  const [area = '', id] = path;
  for (const link of nav.querySelectorAll('a')) {
    setAttribute(link, 'aria-current', link.hash === `#/${area || 'instances'}` ? 'page' : null);
  }
  /** @type {Context} */
  const context = {
    query,
    app: app ?? { hostVersion: '', taskHub: '', orchestrators: [], entities: [] },
    setQuery: (values) => {
      const given = Object.entries(values).filter(([, value]) => value !== '');
      const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
      history.replaceState(null, '', `#/${area || 'instances'}${search}`);
    },
    refresh: () => {
      isDue = true;
      wake();
    },
    announce,
  };
  if (area === 'instances' && id !== undefined && id !== '') {
    return createInstanceView(id, context);
  }
  return area === 'entities' ? createEntitiesView(context) : createInstancesView(context);
}

/** Shows what the address names, and keeps it up to date until another is asked for. */
async function open() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  try {
    if (app === undefined && !(await read('access')).body.allowed) {
      askForKey(key.get() === null ? '' : 'This is not the master key of the host.');
      key.forget();
      return;
    }
    app ??= /** @type {Context['app']} */ ((await read('app')).body);
  } catch {
    showConnection('lost');
  }
  if (signal.aborted) {
    return;
  }
  const view = createView();
  show(view);
  scrollTo(0, 0);
  while (!signal.aborted) {
    try {
      isDue = false;
      await view.refresh?.(signal);
      showConnection('live');
      if (app === undefined) {
        void open(); // The host was away when this page began.
        return;
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error instanceof KeyNeeded) {
        app = undefined;
        askForKey('The host has other keys now.');
        return;
      }
      showConnection('lost');
    }
    await nextRefresh(signal);
  }
}

/** Waits for a while, and for somebody to look. @param {AbortSignal} signal */
function nextRefresh(signal) {
  return new Promise((resolve) => {
    if (isDue || signal.aborted) {
      resolve(undefined);
      return;
    }
    const done = () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', whenSeen);
      signal.removeEventListener('abort', done);
      resolve(undefined);
    };
    const whenSeen = () => {
      if (!document.hidden) {
        done();
      }
    };
    const timer = setTimeout(whenSeen, refreshMs);
    wake = done;
    signal.addEventListener('abort', done);
    document.addEventListener('visibilitychange', whenSeen);
  });
}

addEventListener('hashchange', () => {
  void open();
  main.focus({ preventScroll: true });
});
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault(); // The part after # is the view.
  main.focus();
});
void open();
