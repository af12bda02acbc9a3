import type { AdvancedFilter, PublishedEvent, SubscriptionFilter } from '../entities.ts';

type Test = (field: string, value: string) => boolean;
type Compare = (field: number, value: number) => boolean;

const STRING_TESTS: Readonly<Record<string, Test>> = {
  StringIn: (field, value) => field === value,
  StringContains: (field, value) => field.includes(value),
  StringBeginsWith: (field, value) => field.startsWith(value),
  StringEndsWith: (field, value) => field.endsWith(value),
};
const NUMBER_TESTS: Readonly<Record<string, Compare>> = {
  NumberGreaterThan: (field, value) => field > value,
  NumberGreaterThanOrEquals: (field, value) => field >= value,
  NumberLessThan: (field, value) => field < value,
  NumberLessThanOrEquals: (field, value) => field <= value,
};
const NEGATED = /^StringNot(In|Contains|BeginsWith|EndsWith)$/;

/** The operators that a subscription may use here. */
export const OPERATORS: ReadonlySet<string> = new Set([
  ...Object.keys(STRING_TESTS),
  ...Object.keys(STRING_TESTS).map((name) => name.replace('String', 'StringNot')),
  ...Object.keys(NUMBER_TESTS),
  'NumberIn',
  'NumberNotIn',
  'BoolEquals',
  'IsNullOrUndefined',
  'IsNotNull',
]);

/** The part of an event that does not depend on its schema. */
export function outline({ schema, event }: PublishedEvent): { readonly subject: string; readonly type: string } {
  return schema === 'EventGridSchema'
    ? { subject: event.subject, type: event.eventType }
    : { subject: event.subject ?? '', type: event.type };
}

/** Whether subject and type, which are known before the event is built, could pass. */
export function couldMatch(filter: SubscriptionFilter, subject: string, type: string): boolean {
  const fold = (text: string): string => (filter.isSubjectCaseSensitive ? text : text.toLowerCase());
  const types = filter.includedEventTypes;
  return (
    fold(subject).startsWith(fold(filter.subjectBeginsWith)) &&
    fold(subject).endsWith(fold(filter.subjectEndsWith)) &&
    (types === undefined || types.some((included) => included.toLowerCase() === type.toLowerCase()))
  );
}

/** Whether an event passes a subscription's filter: every condition must hold. */
export function matchesFilter(filter: SubscriptionFilter, published: PublishedEvent): boolean {
  const { subject, type } = outline(published);
  return couldMatch(filter, subject, type) && filter.advancedFilters.every((one) => matches(one, published.event));
}

/** String comparisons ignore case and a list of values is an "or"; a field that is missing fails all but the negations. */
function matches({ operatorType, key, value, values }: AdvancedFilter, event: object): boolean {
  const field = readField(event, key);
  if (operatorType === 'IsNullOrUndefined') return field === undefined || field === null;
  if (operatorType === 'IsNotNull') return field !== undefined && field !== null;
  const candidates = values ?? [value];
  const fields = Array.isArray(field) ? field : [field];
  if (operatorType === 'BoolEquals') return fields.includes(value);
  if (operatorType === 'NumberIn') return fields.some((one) => candidates.includes(one));
  if (operatorType === 'NumberNotIn') return !fields.some((one) => candidates.includes(one));

  const compare = NUMBER_TESTS[operatorType];
  if (compare !== undefined) return fields.some((one) => typeof one === 'number' && compare(one, Number(value)));

  const negated = NEGATED.test(operatorType);
  const test = STRING_TESTS[negated ? operatorType.replace('Not', '') : operatorType];
  if (test === undefined) return false;
  const texts = fields.filter((one) => typeof one === 'string').map((one) => one.toLowerCase());
  const hit = texts.some((text) => candidates.some((candidate) => test(text, String(candidate).toLowerCase())));
  return hit !== negated;
}

function readField(event: object, key: string): unknown {
  let current: unknown = event;
  for (const part of key.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    const entries = Object.entries(current);
    current = (entries.find(([name]) => name === part) ??
      entries.find(([name]) => name.toLowerCase() === part.toLowerCase()))?.[1];
  }
  return current;
}
