import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Something that runs durable orchestrations. */
export interface Engine {
  readonly name: string;
  /** Runs one with so many activities in sequence; resolves when its answer is there. */
  sequence(steps: number): Promise<void>;
  stop(): Promise<void>;
}

/** The servers of a benchmark speak HTTP with it, each caller on a connection that stays. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Posts a JSON value and gives what is answered. @throws Error when that is not 200 */
export async function post(url: string, body: unknown): Promise<string> {
  const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject).end(JSON.stringify(body));
  });
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`POST ${url} answered ${response.statusCode}: ${answer}`);
  return answer;
}

/** An engine that runs a sequence for a POST of its number of steps, and answers with how many ran. */
export function httpEngine(name: string, url: string, stop: () => Promise<void>): Engine {
  return {
    name,
    stop,
    async sequence(steps) {
      const answer = await post(url, steps);
      if (Number(answer) !== steps) throw new Error(`${name} ran ${answer} of ${steps} steps`);
    },
  };
}
