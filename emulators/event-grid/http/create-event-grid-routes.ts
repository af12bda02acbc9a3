import type { IncomingMessage, ServerResponse } from 'node:http';
import { ArmError } from '../subscriptions/arm-error.ts';
import type { Management } from '../subscriptions/create-management.ts';
import type { PublishToTopic } from '../topics/create-publish-to-topic.ts';
import { answerJson, BodyTooLargeError, readBody } from './read-body.ts';

/** The Event Grid side of the server. */
export interface EventGridParts {
  readonly management: Management;
  readonly publishToTopic: PublishToTopic;
  /** Documents for people, by path: `/health`, `/admin/…`. */
  readonly documents: Readonly<Record<string, () => object>>;
  readonly log: (message: string) => void;
}

const RESERVED = /^\/(?:health|admin|topics|subscriptions)(?:\/|$)/i;
const TOPIC = /^\/topics\/([^/]+)\/api\/events\/?$/i;
const MAX_BODY_BYTES = 1024 * 1024;

/** Whether a path is Event Grid's; all others are the blob service's, whose paths begin with an account's name. */
export function isEventGridPath(path: string): boolean {
  return RESERVED.test(path);
}

/** Makes the handler of topics, management and documents for people. */
export function createEventGridRoutes(
  parts: EventGridParts,
): (incoming: IncomingMessage, response: ServerResponse) => Promise<void> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const topic = TOPIC.exec(path)?.[1];
    if (topic !== undefined) {
      const { status, body } = await parts.publishToTopic(decodeURIComponent(topic), path, incoming);
      return answerJson(response, status, body);
    }
    const document = parts.documents[path.replace(/\/$/, '')];
    if (document !== undefined && incoming.method === 'GET') return answerJson(response, 200, document());

    const read = async (): Promise<unknown> => {
      const text = await readBody(incoming, MAX_BODY_BYTES);
      try {
        return JSON.parse(text);
      } catch {
        throw new ArmError(400, 'InvalidRequestContent', 'The request content is not JSON.');
      }
    };
    const managed = await parts.management(incoming.method ?? 'GET', path, read);
    if (managed !== undefined) return answerJson(response, managed.status, managed.body);
    throw new ArmError(404, 'NotFound', `There is nothing at ${path}; see the emulator's README for its routes.`);
  };

  return async (incoming, response) => {
    try {
      await answer(incoming, response, (incoming.url ?? '/').split('?', 1)[0] ?? '/');
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof ArmError) {
        answerJson(response, error.status, { error: { code: error.code, message: error.message } });
      } else if (error instanceof BodyTooLargeError) {
        answerJson(response, 413, { error: { code: 'RequestEntityTooLarge', message: error.message } });
      } else {
        parts.log(`${incoming.method} ${incoming.url}: ${error instanceof Error ? error.stack : String(error)}`);
        answerJson(response, 500, { error: { code: 'InternalServerError', message: String(error) } });
      }
    }
  };
}
