import type { IncomingMessage } from 'node:http';
import { readBody } from '../http/read-body.ts';
import type { Publish } from '../publish.ts';
import type { JsonAnswer } from '../subscriptions/create-management.ts';
import { authorizePublisher } from './authorize-publisher.ts';
import { MalformedEventsError, parseEvents } from './parse-events.ts';

/** Answers a POST of events to a topic. */
export type PublishToTopic = (topic: string, path: string, incoming: IncomingMessage) => Promise<JsonAnswer>;

const MAX_BODY_BYTES = 1024 * 1024;

/** Makes the topics' endpoint: 200 once every event is durable, 401 for a wrong key, 400 for malformed events. */
export function createPublishToTopic(
  keys: ReadonlyMap<string, string>,
  topicId: (name: string) => string,
  nextSeq: () => number,
  publish: Publish,
): PublishToTopic {
  return async (topic, path, incoming) => {
    const key = keys.get(topic);
    if (key === undefined) return refuse(404, 'NotFound', `There is no topic '${topic}'.`);
    if (incoming.method !== 'POST') return refuse(405, 'MethodNotAllowed', 'Publish with POST.');
    const refusal = authorizePublisher(incoming.headers, key, path);
    if (refusal !== undefined) return refuse(401, 'Unauthorized', refusal);
    const text = await readBody(incoming, MAX_BODY_BYTES);
    try {
      const events = parseEvents(incoming.headers['content-type'] ?? 'application/json', text, topicId(topic));
      await Promise.all(events.map((event) => publish(`topic:${topic}`, nextSeq(), event)));
      return { status: 200 };
    } catch (error) {
      if (error instanceof MalformedEventsError) return refuse(400, 'BadRequest', error.message);
      throw error;
    }
  };
}

function refuse(status: number, code: string, message: string): JsonAnswer {
  return { status, body: { error: { code, message, details: [] } } };
}
