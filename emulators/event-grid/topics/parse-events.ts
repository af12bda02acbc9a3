import type { CloudEvent, EventGridEvent, PublishedEvent } from '../entities.ts';

/** A body that the service would refuse; the message says what is missing. */
export class MalformedEventsError extends Error {
  override readonly name = 'MalformedEventsError';
}

const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Reads what a publisher sent to a topic: an array in the Event Grid schema, or CloudEvents 1.0 (`application/
 * cloudevents-batch+json` an array, `application/cloudevents+json` one event).
 */
export function parseEvents(contentType: string, text: string, topicId: string): PublishedEvent[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new MalformedEventsError('The body is not JSON.');
  }
  if (/^application\/cloudevents\+json/i.test(contentType)) return [parseCloudEvent(body)];
  if (!Array.isArray(body)) throw new MalformedEventsError('The body must be an array of events.');
  const cloud = /^application\/cloudevents-batch\+json/i.test(contentType);
  return body.map((one: unknown) => (cloud ? parseCloudEvent(one) : parseEventGridEvent(one, topicId)));
}

function parseEventGridEvent(value: unknown, topicId: string): PublishedEvent {
  const fields = object(value);
  for (const name of ['id', 'subject', 'eventType', 'dataVersion']) require(fields, name);
  const eventTime = require(fields, 'eventTime');
  if (Number.isNaN(Date.parse(eventTime))) throw new MalformedEventsError(`eventTime '${eventTime}' is not a date.`);
  if (typeof fields.topic === 'string' && fields.topic !== '' && fields.topic !== topicId) {
    throw new MalformedEventsError(`topic '${fields.topic}' must be absent or '${topicId}'.`);
  }
  const { id, subject, eventType, data, dataVersion } = fields as unknown as EventGridEvent;
  const event = {
    id,
    topic: topicId,
    subject,
    eventType,
    eventTime,
    data: data ?? null,
    dataVersion,
    metadataVersion: '1',
  };
  return { schema: 'EventGridSchema', event };
}

function parseCloudEvent(value: unknown): PublishedEvent {
  const fields = object(value);
  for (const name of ['id', 'source', 'type']) {
    if (require(fields, name) === '') throw new MalformedEventsError(`'${name}' must not be empty.`);
  }
  if (fields.specversion !== '1.0') throw new MalformedEventsError(`'specversion' must be '1.0'.`);
  return { schema: 'CloudEventSchemaV1_0', event: fields as unknown as CloudEvent };
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedEventsError('An event must be an object.');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_EVENT_BYTES) {
    throw new MalformedEventsError('An event must not be larger than 1 MB.');
  }
  return value as Record<string, unknown>;
}

function require(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new MalformedEventsError(`'${name}' is missing or no string.`);
  return value;
}
