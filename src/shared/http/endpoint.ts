import {
  app,
  type HttpHandler,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import { answering } from './answer.ts';

/** App roles of the Entra ID registration. Each opens the routes that ask for it, and no others. */
export const ROLES = ['Insights.Read', 'Data.Query', 'Pipeline.Operate', 'Pipeline.Admin'] as const;
export type Role = (typeof ROLES)[number];

/** One route of the HTTP API. */
export interface Endpoint {
  readonly method: HttpMethod;
  /** Below `/api/`. */
  readonly route: string;
  /** The role that a caller must have. */
  readonly access: Role | 'anyone';
  readonly handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
  /** Input bindings, such as that of the durable client. */
  readonly extraInputs?: Parameters<typeof app.http>[1]['extraInputs'];
}

/** Registers a route: who may call it is settled, and what its handler throws becomes a problem document. */
export function endpoint(name: string, { method, route, access, handler, extraInputs }: Endpoint): void {
  const guarded: HttpHandler = answering(handler);
  app.http(name, {
    methods: [method],
    route: `api/${route}`,
    authLevel: access === 'anyone' ? 'anonymous' : 'function',
    handler: guarded,
    ...(extraInputs === undefined ? {} : { extraInputs }),
  });
}
