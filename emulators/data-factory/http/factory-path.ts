import type { ResourceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './router.ts';

export const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft\\.DataFactory/factories';
export const FACTORY = `${GROUP}/{factory}`;

/** The key of a factory: subscription, resource group and name, in lower case. */
export function factoryKey({ params: { subscription = '', group = '', factory = '' } }: ApiRequest): string {
  return `${subscription}/${group}/${factory}`.toLowerCase();
}

/** The id of a factory as Resource Manager writes it. */
export function factoryId({ params: { subscription = '', group = '', factory = '' } }: ApiRequest): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.DataFactory/factories/${factory}`;
}

/** The factory that a request is about; its key is what everything in it hangs on. */
export function requireFactory(
  store: Store,
  request: ApiRequest,
): { readonly key: string; readonly record: ResourceRecord } {
  const key = factoryKey(request);
  const record = store.resources.get('', 'factories', key);
  if (record !== undefined) return { key, record };
  const { factory = '', group = '' } = request.params;
  throw new ApiError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.DataFactory/factories/${factory}' under resource group '${group}' was not found. Create it with a PUT.`,
  );
}
