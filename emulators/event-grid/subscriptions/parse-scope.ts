import { ArmError } from './arm-error.ts';

/** What a management URL points at. */
export interface SubscriptionScope {
  /** `storage`, or `topic:<name>`. */
  readonly scope: string;
  /** The subscription's name; undefined for the list. */
  readonly name: string | undefined;
  /** Whether the URL ends in `/getFullUrl`. */
  readonly fullUrl: boolean;
}

const GROUP = '/subscriptions/[^/]+/resourceGroups/[^/]+/providers';
const EXTENSION = '/providers/Microsoft\\.EventGrid/eventSubscriptions';
const TAIL = '(?:/([^/]+?)(/getFullUrl)?)?/?$';
const STORAGE = new RegExp(`^${GROUP}/Microsoft\\.Storage/storageAccounts/([^/]+)${EXTENSION}${TAIL}`, 'i');
const SYSTEM = new RegExp(`^${GROUP}/Microsoft\\.EventGrid/systemTopics/([^/]+)/eventSubscriptions${TAIL}`, 'i');
const TOPIC = new RegExp(
  `^${GROUP}/Microsoft\\.EventGrid/topics/([^/]+)(?:/providers/Microsoft\\.EventGrid)?/eventSubscriptions${TAIL}`,
  'i',
);

/**
 * Reads the ARM path of an event subscription: on the storage account, on a system topic (any name: there is one, the
 * storage account's), or on a custom topic. Undefined if the path is none of these; 404 if the resource does not exist.
 */
export function parseScope(path: string, account: string, topics: ReadonlySet<string>): SubscriptionScope | undefined {
  const found = (scope: string, match: RegExpExecArray): SubscriptionScope => ({
    scope,
    name: match[2] === undefined ? undefined : decodeURIComponent(match[2]),
    fullUrl: match[3] !== undefined,
  });

  const storage = STORAGE.exec(path);
  if (storage !== null) {
    if (storage[1] !== account) throw notFound(`storage account '${storage[1]}'; this emulator serves '${account}'`);
    return found('storage', storage);
  }
  const system = SYSTEM.exec(path);
  if (system !== null) return found('storage', system);
  const topic = TOPIC.exec(path);
  if (topic === null) return undefined;
  const name = topic[1] ?? '';
  if (!topics.has(name)) throw notFound(`topic '${name}': declare it with --topic ${name}=KEY_VARIABLE`);
  return found(`topic:${name}`, topic);
}

function notFound(what: string): ArmError {
  return new ArmError(404, 'ResourceNotFound', `There is no ${what}.`);
}
