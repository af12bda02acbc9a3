import { isText, record, records } from './model-rest.ts';
import type { ModelRefresh } from './semantic-model.ts';

const ENDED: Readonly<Record<string, ModelRefresh['state']>> = {
  completed: 'completed',
  succeeded: 'completed',
  failed: 'failed',
  timedout: 'failed',
  disabled: 'failed',
  cancelled: 'canceled',
};

/**
 * A refresh of either service, from its details or from the list. Everything that is not known to have ended is running:
 * Power BI's old status of a running refresh is `Unknown`. Undefined without an id or a start.
 */
export function parseRefresh(value: unknown, id?: string): ModelRefresh | undefined {
  const fields = record(value);
  const known = id ?? fields.requestId ?? fields.refreshId;
  if (!isText(known) || !isText(fields.startTime)) return undefined;
  const status = String(fields.extendedStatus ?? fields.status ?? '').toLowerCase();
  const state = ENDED[status] ?? 'running';
  return {
    id: known,
    state,
    startedAt: utc(fields.startTime),
    ...(isText(fields.endTime) ? { endedAt: utc(fields.endTime) } : {}),
    message: state === 'completed' ? '' : messageOf(fields),
  };
}

function messageOf(fields: Readonly<Record<string, unknown>>): string {
  const messages = records(fields.messages).map(({ message }) => message);
  const said = [...messages, exception(fields.serviceExceptionJson)].filter(isText);
  return [...new Set(said)].join('; ');
}

/** Power BI puts JSON into a text. */
function exception(json: unknown): unknown {
  if (!isText(json)) return undefined;
  try {
    const { errorDescription, errorCode } = record(JSON.parse(json) as unknown);
    return errorDescription ?? errorCode;
  } catch {
    return json;
  }
}

/** Times are UTC, and some come without saying so. */
function utc(time: string): string {
  const date = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
  return Number.isNaN(date.getTime()) ? time : date.toISOString();
}
