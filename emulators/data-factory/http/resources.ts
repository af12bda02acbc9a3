import { checkExpressions } from '../definitions/check-expressions.ts';
import { type JsonObject, objectField, requiredString } from '../definitions/json.ts';
import { readPipeline } from '../definitions/pipeline.ts';
import { referencesIn } from '../definitions/references.ts';
import { readTrigger } from '../definitions/trigger.ts';
import type { ResourceRecord } from '../store/records.ts';
import type { ResourceKind } from '../store/resource-store.ts';
import type { Store } from '../store/store.ts';
import { ApiError, badRequest, notFound } from './api-error.ts';
import { FACTORY, factoryId, requireFactory } from './factory-path.ts';
import type { ApiRequest, ApiResponse, Routes } from './router.ts';

const KINDS = [
  { kind: 'pipelines', path: 'pipelines', reference: 'PipelineReference' },
  { kind: 'datasets', path: 'datasets', reference: 'DatasetReference' },
  { kind: 'linkedservices', path: 'linkedservices', reference: 'LinkedServiceReference' },
  { kind: 'triggers', path: 'triggers', reference: 'TriggerReference' },
  { kind: 'integrationruntimes', path: 'integrationRuntimes', reference: 'IntegrationRuntimeReference' },
  { kind: 'globalparameters', path: 'globalParameters', reference: '' },
] as const;

const PAGE_SIZE = 100;

/** What is in a factory: put, get, list, delete. References are checked both ways, as the service does. */
export function resourceRoutes(store: Store, onTriggerChanged: () => void): Routes {
  return Object.assign({}, ...KINDS.map(({ kind, path }) => routesOf(store, kind, path, onTriggerChanged)));
}

function routesOf(store: Store, kind: ResourceKind, path: string, onTriggerChanged: () => void): Routes {
  const one = `${FACTORY}/${path}/{name}`;
  return {
    [`GET ${FACTORY}/${path}`]: (request) => list(store, kind, path, request),
    [`GET ${one}`]: (request) => {
      const { key } = requireFactory(store, request);
      const record = store.resources.get(key, kind, nameOf(request));
      if (record === undefined) throw notFound(nameOf(request));
      if (request.header('if-none-match') === record.etag) return { status: 304 };
      return { body: presentResource(request, path, record) };
    },
    [`PUT ${one}`]: (request) => {
      const { key } = requireFactory(store, request);
      const name = nameOf(request);
      if ((kind === 'datasets' || kind === 'linkedservices') && name.includes('-')) {
        throw badRequest(
          `'${name}' is no valid name: datasets and linked services may not have dashes in their names.`,
        );
      }
      const before = store.resources.get(key, kind, name);
      const wanted = request.header('if-match');
      if (wanted !== undefined && wanted !== '*' && wanted.replace(/^"|"$/g, '') !== before?.etag) {
        throw new ApiError(412, 'PreconditionFailed', `'${name}' has been changed since; read it again.`);
      }
      const properties = check(store, key, kind, name, objectField(request.body, 'properties'));
      if (kind === 'triggers' && before?.properties.runtimeState === 'Started') {
        throw badRequest(`The trigger '${name}' is started; stop it before it is changed.`);
      }
      const record = store.resources.put(key, kind, { name: before?.name ?? name, properties });
      if (kind === 'triggers') onTriggerChanged();
      return { body: presentResource(request, path, record) };
    },
    [`DELETE ${one}`]: (request) => {
      const { key } = requireFactory(store, request);
      const name = nameOf(request);
      if (kind === 'triggers' && store.resources.get(key, kind, name)?.properties.runtimeState === 'Started') {
        throw badRequest(`The trigger '${name}' is started; stop it before it is deleted.`);
      }
      const user = KINDS.flatMap((other) => store.resources.list(key, other.kind)).find((record) =>
        referencesIn(record.properties).some(
          (reference) => kindOf(reference.type) === kind && same(reference.name, name),
        ),
      );
      if (user !== undefined && !same(user.name, name)) {
        throw badRequest(`The document cannot be deleted since it is referenced by ${user.name}.`);
      }
      return { status: store.resources.delete(key, kind, name) ? 200 : 204 };
    },
  };
}

function list(store: Store, kind: ResourceKind, path: string, request: ApiRequest): ApiResponse {
  const { key } = requireFactory(store, request);
  const all = store.resources.list(key, kind);
  const from = Number(request.query.get('$skiptoken') ?? 0);
  const page = all.slice(from, from + PAGE_SIZE).map((record) => presentResource(request, path, record));
  if (from + PAGE_SIZE >= all.length) return { body: { value: page } };
  const next = new URLSearchParams(request.query);
  next.set('$skiptoken', String(from + PAGE_SIZE));
  return { body: { value: page, nextLink: `${request.origin}${request.path}?${next}` } };
}

/** Something in a factory as Resource Manager shows it. */
export function presentResource(request: ApiRequest, path: string, { name, etag, properties }: ResourceRecord) {
  return {
    id: `${factoryId(request)}/${path}/${name}`,
    name,
    type: `Microsoft.DataFactory/factories/${path}`,
    etag,
    properties,
  };
}

function nameOf({ params: { name = '' } }: ApiRequest): string {
  if (/^[\w][^<>*#.%&:\\+?/]{0,259}$/.test(name)) return name;
  throw badRequest(`'${name}' is no valid name: it begins with a letter, a digit or _, and has none of <>*#.%&:\\+?/`);
}

/** @throws DefinitionError or ApiError with what is wrong in a definition. */
function check(store: Store, factory: string, kind: ResourceKind, name: string, properties: JsonObject): JsonObject {
  if (kind === 'pipelines') readPipeline(properties);
  else if (kind !== 'globalparameters') requiredString(properties, 'type', `'${name}'`);
  checkExpressions(properties, name);
  for (const reference of referencesIn(properties)) {
    const target = kindOf(reference.type);
    const isBuiltIn = same(reference.name, 'AutoResolveIntegrationRuntime');
    const isItself = target === kind && same(reference.name, name);
    if (target === undefined || isBuiltIn || isItself) continue;
    if (store.resources.get(factory, target, reference.name) === undefined) {
      throw badRequest(`The document creation or update failed because of invalid reference '${reference.name}'.`);
    }
  }
  if (kind !== 'triggers') return properties;
  readTrigger(properties);
  return { ...properties, runtimeState: 'Stopped' };
}

function kindOf(reference: string): ResourceKind | undefined {
  return KINDS.find((one) => one.reference !== '' && one.reference === reference)?.kind;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
