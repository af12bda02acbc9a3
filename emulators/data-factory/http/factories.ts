import { timestamp } from '../definitions/durations.ts';
import { objectField } from '../definitions/json.ts';
import type { ResourceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { FACTORY, factoryId, factoryKey, GROUP, requireFactory } from './factory-path.ts';
import type { ApiRequest, Routes } from './router.ts';

/** Factories themselves. */
export function factoryRoutes(store: Store): Routes {
  const list = (request: ApiRequest, prefix: string) => ({
    body: {
      value: store.resources
        .list('', 'factories')
        .filter(({ name }) => name.toLowerCase().startsWith(prefix.toLowerCase()))
        .map((record) => present(request, record)),
    },
  });
  return {
    'GET /subscriptions/{subscription}/providers/Microsoft\\.DataFactory/factories': (request) =>
      list(request, `${request.params.subscription}/`),
    [`GET ${GROUP}`]: (request) => list(request, `${request.params.subscription}/${request.params.group}/`),
    [`GET ${FACTORY}`]: (request) => ({ body: present(request, requireFactory(store, request).record) }),
    [`PUT ${FACTORY}`]: (request) => {
      const { subscription, group, factory } = request.params;
      const before = store.resources.get('', 'factories', factoryKey(request));
      const { properties: _, ...envelope } = request.body;
      const record = store.resources.put('', 'factories', {
        name: before?.name ?? `${subscription}/${group}/${factory}`,
        properties: {
          createTime: before?.properties.createTime ?? timestamp(),
          ...objectField(request.body, 'properties'),
        },
        envelope,
      });
      return { body: present(request, record) };
    },
    [`PATCH ${FACTORY}`]: (request) => {
      const { record } = requireFactory(store, request);
      const changed = { ...record, envelope: { ...record.envelope, ...request.body } };
      return { body: present(request, store.resources.put('', 'factories', changed)) };
    },
    [`DELETE ${FACTORY}`]: (request) => {
      const key = factoryKey(request);
      const existed = store.transaction(() => {
        store.resources.clear(key);
        return store.resources.delete('', 'factories', key);
      });
      return { status: existed ? 200 : 204 };
    },
  };
}

function present(request: ApiRequest, { name, etag, properties, envelope = {} }: ResourceRecord) {
  const [subscription = '', group = '', factory = ''] = name.split('/');
  const id = factoryId({ ...request, params: { subscription, group, factory } });
  return {
    location: 'local',
    tags: {},
    ...envelope,
    id,
    name: factory,
    type: 'Microsoft.DataFactory/factories',
    eTag: `"${etag}"`,
    properties: { ...properties, provisioningState: 'Succeeded', version: '2018-06-01' },
  };
}
