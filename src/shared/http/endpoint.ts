import {
  app,
  type HttpHandler,
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import type { Access } from '../identity/roles.ts';
import { services } from '../services.ts';
import { answering } from './answer.ts';

/** One route of the HTTP API. */
export interface Endpoint {
  readonly method: HttpMethod;
  /** Below `/api/`. */
  readonly route: string;
  /** The role that a caller must have. */
  readonly access: Access;
  readonly handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit | HttpResponse>;
  /** Input bindings, such as that of the durable client. */
  readonly extraInputs?: Parameters<typeof app.http>[1]['extraInputs'];
}

/** What the API's document needs to know of a route. */
export type RegisteredEndpoint = Pick<Endpoint, 'method' | 'route' | 'access'>;

const registered: RegisteredEndpoint[] = [];

/** The routes that this app has registered. */
export function registeredEndpoints(): readonly RegisteredEndpoint[] {
  return registered;
}

/** Registers a route: who may call it is settled, and what its handler throws becomes a problem document. */
export function endpoint(name: string, { method, route, access, handler, extraInputs }: Endpoint): void {
  const guarded: HttpHandler = answering(async (request, context) => {
    await services().identity.admit(request, access);
    return handler(request, context);
  });
  registered.push({ method, route, access });
  app.http(name, {
    methods: [method],
    route: `api/${route}`,
    // The host would turn away a bearer token for want of a key: the guard asks for either.
    authLevel: 'anonymous',
    handler: guarded,
    ...(extraInputs === undefined ? {} : { extraInputs }),
  });
}
