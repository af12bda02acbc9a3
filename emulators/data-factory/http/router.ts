import type { JsonObject } from '../definitions/json.ts';

/** A request as routes see it. */
export interface ApiRequest {
  readonly method: string;
  /** Where the resource is, as the client spelt it. */
  readonly path: string;
  /** Origin of this server, for absolute links. */
  readonly origin: string;
  /** Values of the route's `{names}`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** The JSON body; empty when there is none. */
  readonly body: JsonObject;
}

/** An answer; no body is an empty one. */
export interface ApiResponse {
  readonly status?: number;
  readonly body?: unknown;
}

export type Handler = (request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

/** `METHOD /path/{name}` to handler; paths are matched whatever their case, as Resource Manager does. */
export type Routes = Readonly<Record<string, Handler>>;

/** Finds the handler of a request; `undefined` when no route has such a path, `null` when none has the method. */
export function createRouter(routes: Routes) {
  const table = Object.entries(routes).map(([route, handler]) => {
    const [method = '', path = ''] = route.split(' ');
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    return { method, names, handler, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}/?$`, 'i') };
  });
  return (method: string, path: string) => {
    let seen = false;
    for (const route of table) {
      const match = route.pattern.exec(path);
      if (match === null) continue;
      seen = true;
      if (route.method !== method) continue;
      const params = Object.fromEntries(route.names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? '')]));
      return { handler: route.handler, params };
    }
    return seen ? null : undefined;
  };
}
