import type { IncomingMessage } from 'node:http';
import type { EntityRow, InstanceBrowser, InstanceDetails, InstanceRow } from '../engine/instance-browser.ts';
import type { HistoryEvent, RuntimeStatus } from '../engine/types.ts';
import { type Answer, json, text } from '../http/messages.ts';
import type { RequestUrl } from '../http/request-url.ts';
import { decodeSegment } from '../http/route-table.ts';
import { stepValues, toTimeline } from './timeline.ts';

/** What the page is told of the app. */
export interface PageFacts {
  readonly hostVersion: string;
  readonly taskHub: string;
  readonly orchestrators: readonly string[];
  readonly entities: readonly string[];
}

export interface PageApiPorts {
  readonly browser: InstanceBrowser;
  readonly facts: PageFacts;
  /** Whether the request has the master key. */
  readonly isAdmin: (request: IncomingMessage, url: RequestUrl) => boolean;
}

/** A value as JSON text, or only how long that is when it is long. */
type Preview = { readonly text: string } | { readonly length: number } | null;

const longestPreview = 4000;
const largestPage = 200;
const defaultSteps = 500;
const largestSteps = 20_000;

const statuses: readonly RuntimeStatus[] = ['Pending', 'Running', 'Suspended', 'Completed', 'Failed', 'Terminated'];

/**
 * What the page reads, below `/admin/durable/api/`. What it changes goes through the management API of Durable Functions,
 * which has no names, parents, unfinished tasks or newest-first lists to read, and so cannot serve a page.
 */
export function handlePageApi(ports: PageApiPorts, request: IncomingMessage, url: RequestUrl): Answer {
  const allowed = ports.isAdmin(request, url);
  if (url.pathname.endsWith('/api/access')) {
    return fresh(json(200, { allowed })); // Asked before anything else, so that no page meets a refusal.
  }
  if (!allowed) {
    return text(401);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { Allow: 'GET' } };
  }
  const [area, id, part, which] = url.pathname.split('/').slice(4).map(decodeSegment);
  if (area === 'app' && id === undefined) {
    return fresh(json(200, ports.facts));
  }
  if (area === 'entities' && id === undefined) {
    return entities(ports, url.searchParams);
  }
  if (area !== 'instances') {
    return text(404);
  }
  if (id === undefined || id === '') {
    return instances(ports, url.searchParams);
  }
  const details = ports.browser.instance(id);
  if (details === undefined) {
    return text(404);
  }
  if (part === undefined) {
    return instance(ports, request, details, url.searchParams);
  }
  return part === 'steps' ? step(ports, details, which) : part === 'values' ? value(details, which) : text(404);
}

/** Answers must neither be kept nor be read as anything else. */
function fresh(answer: Answer, headers: Readonly<Record<string, string>> = {}): Answer {
  const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  return { ...answer, headers: { ...answer.headers, ...always, ...headers } };
}

function instances({ browser }: PageApiPorts, query: URLSearchParams): Answer {
  const wanted = (query.get('status') ?? '').split(',');
  const [name, idPrefix] = [query.get('name') ?? '', query.get('prefix') ?? ''];
  const [createdFrom, createdTo] = [time(query.get('from')), time(query.get('to'))];
  const page = browser.instances(
    {
      statuses: statuses.filter((status) => wanted.includes(status)),
      ...(name === '' ? {} : { name }),
      ...(idPrefix === '' ? {} : { idPrefix }),
      ...(createdFrom === undefined ? {} : { createdFrom }),
      ...(createdTo === undefined ? {} : { createdTo }),
    },
    pageSize(query),
    query.get('after') ?? undefined,
  );
  return fresh(json(200, { now: Date.now(), items: page.items.map(rowView), next: page.next ?? null }));
}

function rowView({ id, ...row }: InstanceRow): object {
  return { instanceId: id, ...row };
}

function entities({ browser }: PageApiPorts, query: URLSearchParams): Answer {
  const [name, keyPrefix] = [query.get('name') ?? '', query.get('prefix') ?? ''];
  const page = browser.entities(
    { ...(name === '' ? {} : { name, keyPrefix }) },
    pageSize(query),
    query.get('after') ?? undefined,
  );
  const items = page.items.map(({ state, ...entity }: EntityRow) => ({ ...entity, state: preview(state) }));
  return fresh(json(200, { now: Date.now(), items, next: page.next ?? null }));
}

function instance(
  { browser }: PageApiPorts,
  request: IncomingMessage,
  details: InstanceDetails,
  query: URLSearchParams,
): Answer {
  const { id, executionId, turns, status, updatedAt, waitingMessages, pendingTimers, parent, ...rest } = details;
  const limit = positive(query.get('steps'), defaultSteps, largestSteps);
  const tag = `"${[executionId, turns, status, updatedAt, waitingMessages, pendingTimers.size, limit].join('.')}"`;
  if (request.headers['if-none-match'] === tag) {
    return fresh({ status: 304 }, { etag: tag });
  }
  const history = browser.history(id);
  const timeline = toTimeline(history, { status, pendingTimers });
  const steps = timeline.slice(0, limit);
  const body = {
    now: Date.now(),
    instanceId: id,
    executionId,
    status,
    name: rest.name,
    version: rest.version === '' ? null : rest.version,
    createdAt: rest.createdAt,
    updatedAt,
    /** When this execution began: another time than that of the instance after a continue-as-new. */
    startedAt: startOf(history) ?? rest.createdAt,
    turns,
    waitingMessages,
    parent:
      parent === null
        ? null
        : { instanceId: parent.instanceId, exists: browser.status(parent.instanceId) !== undefined },
    input: preview(rest.input),
    output: preview(rest.output),
    customStatus: preview(rest.customStatus),
    steps,
    stepCount: timeline.length,
  };
  return fresh(json(200, body), { etag: tag });
}

function startOf(history: readonly HistoryEvent[]): number | undefined {
  return history.find(({ type }) => type === 'executionStarted')?.at;
}

function step({ browser }: PageApiPorts, { id }: InstanceDetails, which: string | undefined): Answer {
  const values = /^\d+$/.test(which ?? '') ? stepValues(browser.history(id), Number(which)) : undefined;
  return values === undefined ? text(404) : fresh(json(200, values));
}

function value(details: InstanceDetails, which: string | undefined): Answer {
  return which === 'input' || which === 'output' || which === 'customStatus'
    ? fresh(json(200, { text: details[which] }))
    : text(404);
}

function preview(value: string | null): Preview {
  return value === null ? null : value.length <= longestPreview ? { text: value } : { length: value.length };
}

function pageSize(query: URLSearchParams): number {
  return positive(query.get('top'), 50, largestPage);
}

function positive(text: string | null, fallback: number, largest: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? Math.min(number, largest) : fallback;
}

function time(text: string | null): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}
