import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const hostFolder = dirname(import.meta.dirname) + sep;

const placeIn = (line: string) => /(?:\(|at |async )((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1];

const isOfTheApp = (line: string) => placeIn(line) !== undefined && !line.includes(hostFolder);

/** The stack of anything thrown, without the lines of the host and of Node. */
export function appStackOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) {
    return inspect(error);
  }
  return error.stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || isOfTheApp(line))
    .join('\n');
}

/** Where the app's own code stands that called the host, as `/path/file.js:12:3`; undefined when none of it did. */
export function callerInApp(): string | undefined {
  const { stack = '' } = new Error();
  const line = stack
    .split('\n')
    .find((each) => /^\s+at /.test(each) && isOfTheApp(each) && !each.includes('node_modules'));
  const place = placeIn(line ?? '');
  return place?.startsWith('file://')
    ? place.replace(/^(.*?)(:\d+:\d+)$/, (_, url, at) => fileURLToPath(url) + at)
    : place;
}
