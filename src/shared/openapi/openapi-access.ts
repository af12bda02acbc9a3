import { type Access, opensByKey } from '../identity/roles.ts';
import { type Json, problem, TEXT } from './openapi-parts.ts';

/** How a caller may prove who he is. Where the document asks for `entraId`, it names the role that the token must have. */
export const SECURITY_SCHEMES: Json = {
  entraId: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of Entra ID; GET /api/sign-in tells how a browser app gets one',
  },
  functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
  functionCode: { type: 'apiKey', in: 'query', name: 'code' },
};

interface Route {
  readonly method: string;
  readonly route: string;
  readonly access: Access;
}

/**
 * Completes the document of the API by who may call what, as the routes were registered: what each operation asks for,
 * and how it refuses. So the document cannot say anything else than the app does.
 */
export function withAccess(document: Json, routes: readonly Route[]): Json {
  const paths = Object.entries(document.paths as Readonly<Record<string, Json>>).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => {
        const route = findRoute(routes, method, path);
        return [method, route === undefined ? operation : completed(operation as Json, route.access)];
      }),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}

/** The route that answers a path of the document, which may be one of many that a template stands for. */
function findRoute(routes: readonly Route[], method: string, path: string): Route | undefined {
  const candidates = routes.filter((route) => route.method.toLowerCase() === method);
  return (
    candidates.find(({ route }) => `/api/${route}` === path) ??
    candidates.find(({ route }) => matches(`/api/${route}`, path))
  );
}

function matches(template: string, path: string): boolean {
  const [wanted, given] = [template.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, at) => part === given[at] || part.startsWith('{'));
}

function completed(operation: Json, access: Access): Json {
  const given = operation.responses as Json;
  const failed = { 500: problem('Our fault'), ...given };
  if (access === 'anyone') return { ...operation, security: [], responses: failed };
  return {
    ...operation,
    security: [{ entraId: [access] }, ...(opensByKey(access) ? [{ functionKey: [] }, { functionCode: [] }] : [])],
    responses: {
      403: problem(`The role ${access} is missing`),
      503: problem('Tokens cannot be verified now'),
      ...failed,
      401: {
        ...problem('No token and no key, or one that is not good'),
        headers: { 'WWW-Authenticate': { description: 'What is asked for, and what was wrong', schema: TEXT } },
      },
    },
  };
}
