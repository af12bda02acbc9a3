import { DefinitionError } from './json.ts';

/** Milliseconds of a time span such as `0.12:00:00` or `00:01:40`. */
export function parseTimeSpan(text: string, where: string): number {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?$/.exec(text.trim());
  if (match === null) throw new DefinitionError(`${where} must look like d.hh:mm:ss, not '${text}'.`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** A time as the service writes it, with seven digits of the second. */
export function timestamp(date: Date = new Date()): string {
  return date.toISOString().replace('Z', '0000Z');
}
