import type { AdvancedFilter, EventSchema, Subscription, SubscriptionFilter } from '../entities.ts';
import { invalid } from './arm-error.ts';
import { OPERATORS } from './matches-filter.ts';

type Fields = Record<string, unknown>;

const NAME = /^[A-Za-z0-9-]{3,64}$/;
const MAX_ATTEMPTS = 30;
const MAX_TIME_TO_LIVE_IN_MINUTES = 1440;

/** Reads the body of a PUT on an event subscription; throws an ArmError that names the field at fault. */
export function parseSubscription(id: string, scope: string, name: string, body: unknown): Subscription {
  if (!NAME.test(name)) throw invalid(`The name '${name}' must be 3 to 64 letters, digits or hyphens.`);
  const properties = fields(fields(body, 'the body').properties, 'properties');
  const container = parseDeadLetter(properties.deadLetterDestination);
  return {
    scope,
    name,
    id,
    endpointUrl: parseEndpoint(properties.destination),
    filter: parseFilter(properties.filter),
    eventDeliverySchema: parseSchema(properties.eventDeliverySchema),
    retryPolicy: parseRetryPolicy(properties.retryPolicy),
    ...(container === undefined ? {} : { deadLetterContainer: container }),
  };
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${where} must be an object.`);
  return value as Fields;
}

function text(value: unknown, where: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw invalid(`${where} must be a string.`);
  return value;
}

function integer(value: unknown, where: string, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > fallback) {
    throw invalid(`${where} must be a whole number from 1 to ${fallback}.`);
  }
  return Number(value);
}

function parseEndpoint(value: unknown): string {
  const destination = fields(value, 'properties.destination');
  if (destination.endpointType !== 'WebHook') {
    throw invalid(`properties.destination.endpointType must be 'WebHook': this emulator delivers to nothing else.`);
  }
  const settings = fields(destination.properties, 'properties.destination.properties');
  if (Array.isArray(settings.deliveryAttributeMappings) && settings.deliveryAttributeMappings.length > 0) {
    throw invalid('deliveryAttributeMappings are not supported by this emulator: remove them.');
  }
  const url = text(settings.endpointUrl, 'endpointUrl');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw invalid(`properties.destination.properties.endpointUrl '${url}' must be an http or https URL.`);
  }
  return url;
}

function parseFilter(value: unknown): SubscriptionFilter {
  const filter = value === undefined || value === null ? {} : fields(value, 'properties.filter');
  const types = filter.includedEventTypes;
  if (types !== undefined && types !== null && !Array.isArray(types)) {
    throw invalid('properties.filter.includedEventTypes must be a list of event types.');
  }
  const included = Array.isArray(types) ? types.map((one) => text(one, 'includedEventTypes')) : [];
  // A single "All" is how older API versions said: no filter on the type.
  const all = included.length === 0 || (included.length === 1 && included[0] === 'All');
  return {
    subjectBeginsWith: text(filter.subjectBeginsWith, 'properties.filter.subjectBeginsWith'),
    subjectEndsWith: text(filter.subjectEndsWith, 'properties.filter.subjectEndsWith'),
    isSubjectCaseSensitive: filter.isSubjectCaseSensitive === true,
    ...(all ? {} : { includedEventTypes: included }),
    advancedFilters: parseAdvancedFilters(filter.advancedFilters),
  };
}

function parseAdvancedFilters(value: unknown): AdvancedFilter[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid('properties.filter.advancedFilters must be a list.');
  return value.map((one: unknown, index) => {
    const where = `properties.filter.advancedFilters[${index}]`;
    const filter = fields(one, where);
    const operatorType = text(filter.operatorType, `${where}.operatorType`);
    if (!OPERATORS.has(operatorType)) {
      throw invalid(`${where}.operatorType '${operatorType}' is not one of ${[...OPERATORS].join(', ')}.`);
    }
    const key = text(filter.key, `${where}.key`);
    if (key === '') throw invalid(`${where}.key is missing.`);
    const values = Array.isArray(filter.values) ? { values: filter.values as unknown[] } : {};
    return { operatorType, key, ...('value' in filter ? { value: filter.value } : {}), ...values };
  });
}

function parseSchema(value: unknown): EventSchema {
  if (value === undefined || value === null || value === 'EventGridSchema') return 'EventGridSchema';
  if (value === 'CloudEventSchemaV1_0') return value;
  throw invalid(`properties.eventDeliverySchema must be 'EventGridSchema' or 'CloudEventSchemaV1_0'.`);
}

function parseRetryPolicy(value: unknown): Subscription['retryPolicy'] {
  const policy = value === undefined || value === null ? {} : fields(value, 'properties.retryPolicy');
  return {
    maxDeliveryAttempts: integer(policy.maxDeliveryAttempts, 'maxDeliveryAttempts', MAX_ATTEMPTS),
    eventTimeToLiveInMinutes: integer(
      policy.eventTimeToLiveInMinutes,
      'eventTimeToLiveInMinutes',
      MAX_TIME_TO_LIVE_IN_MINUTES,
    ),
  };
}

function parseDeadLetter(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const destination = fields(value, 'properties.deadLetterDestination');
  if (destination.endpointType !== 'StorageBlob') {
    throw invalid(`properties.deadLetterDestination.endpointType must be 'StorageBlob'.`);
  }
  const settings = fields(destination.properties, 'properties.deadLetterDestination.properties');
  const container = text(settings.blobContainerName, 'blobContainerName');
  if (!/^[a-z0-9](-?[a-z0-9])+$/.test(container)) {
    throw invalid(`blobContainerName '${container}' is not the name of a container.`);
  }
  return container;
}
