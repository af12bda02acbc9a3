import { matchRoute, parseRouteTemplate, precedence, type RouteTemplate } from './route-template.ts';

/** What a path and a method lead to. */
export type RouteMatch<T> =
  | { readonly kind: 'found'; readonly target: T; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'wrongMethod'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

interface Route<T> {
  readonly template: RouteTemplate;
  readonly methods: readonly string[];
  readonly target: T;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** How many paths a table remembers the way of. */
const rememberedPaths = 1000;

/** All routes, the most specific first. */
export class RouteTable<T> {
  readonly #routes: Route<T>[] = [];
  readonly #found = new Map<string, RouteMatch<T>>();

  /**
   * @param methods none means all.
   * @throws RangeError when the template is malformed.
   */
  add(template: string, methods: readonly string[], target: T): void {
    const route = { template: parseRouteTemplate(template), methods: methods.map((m) => m.toUpperCase()), target };
    this.#routes.push(route);
    this.#routes.sort((a, b) => compare(precedence(a.template), precedence(b.template)));
    this.#found.clear();
  }

  match(method: string, path: string): RouteMatch<T> {
    const key = `${method} ${path}`;
    const known = this.#found.get(key);
    if (known !== undefined) {
      return known;
    }
    const match = this.#search(method, path);
    if (match.kind === 'found') {
      if (this.#found.size === rememberedPaths) {
        this.#found.clear(); // whoever is asked for again comes in again
      }
      this.#found.set(key, match);
    }
    return match;
  }

  #search(method: string, path: string): RouteMatch<T> {
    const segments = path.replace(/^\/+|\/+$/g, '').split('/');
    const decoded = segments.length === 1 && segments[0] === '' ? [] : segments.map(decodeSegment);
    let allowed: Set<string> | undefined;
    for (const { template, methods, target } of this.#routes) {
      const parameters = matchRoute(template, decoded);
      if (parameters !== undefined) {
        if (methods.length === 0 || methods.includes(method)) {
          return { kind: 'found', target, parameters };
        }
        allowed = new Set([...(allowed ?? []), ...methods]);
      }
    }
    return allowed === undefined ? { kind: 'none' } : { kind: 'wrongMethod', allowed: [...allowed] };
  }
}

/** A segment of a path without its percent signs; one that is malformed as it is. */
export function decodeSegment(segment: string): string {
  if (!segment.includes('%')) {
    return segment;
  }
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
