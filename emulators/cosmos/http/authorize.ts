import { createHmac, timingSafeEqual } from 'node:crypto';

/** The key of Microsoft's own emulator: public, and the same everywhere. */
export const EMULATOR_KEY = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';

const FEEDS = new Set([
  'dbs',
  'colls',
  'docs',
  'udfs',
  'sprocs',
  'triggers',
  'pkranges',
  'users',
  'permissions',
  'offers',
]);

/** The resource type and link that a request's signature covers. */
export function signedResource(segments: readonly string[]): { readonly type: string; readonly link: string } {
  const last = segments.at(-1) ?? '';
  if (segments.length % 2 === 1 && FEEDS.has(last)) return { type: last, link: segments.slice(0, -1).join('/') };
  return { type: segments.at(-2) ?? '', link: segments.join('/') };
}

/** Checks a master-key signature. Source: "Access control on Azure Cosmos DB resources" (authorization header). */
export function createAuthorize(
  key: string,
): (method: string, segments: readonly string[], date: string, authorization: string | undefined) => boolean {
  const secret = Buffer.from(key, 'base64');
  return (method, segments, date, authorization) => {
    if (authorization === undefined) return false;
    let token: string;
    try {
      token = decodeURIComponent(authorization);
    } catch {
      return false;
    }
    const match = /^type=master&ver=1\.0&sig=(.+)$/.exec(token);
    if (match?.[1] === undefined) return false;
    const { type, link } = signedResource(segments);
    const text = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
    const expected = createHmac('sha256', secret).update(text, 'utf8').digest();
    const presented = Buffer.from(match[1], 'base64');
    return presented.length === expected.length && timingSafeEqual(presented, expected);
  };
}
