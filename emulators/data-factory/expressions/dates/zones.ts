import { addTicks, fromFields, type Moment, toDate } from './moment.ts';
import { WINDOWS_ZONES } from './windows-zones.ts';

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** The IANA name of a zone given by its Windows or IANA id; nothing when there is no such zone. */
export function findZone(id: string, knowsWindowsIds: boolean): string | undefined {
  const name =
    (knowsWindowsIds ? WINDOWS_ZONES.get(id) : undefined) ?? (/^(UTC|GMT|[\w+-]+\/[\w+/-]+)$/.test(id) ? id : '');
  return formatOf(name) === undefined ? undefined : name;
}

/** The local time of a zone at a moment in UTC. */
export function toZone(moment: Moment, zone: string): Moment | undefined {
  const local = addTicks(moment, offsetAt(moment, zone));
  return local === undefined ? undefined : { ...local, utc: zone === 'UTC' };
}

/** The moment in UTC of a zone's local time; of a time that a change of clocks repeats, the later (standard) one. */
export function fromZone(local: Moment, zone: string): Moment | undefined {
  const guess = offsetAt(local, zone);
  const first = addTicks(local, -guess);
  if (first === undefined) return undefined;
  const result = addTicks(local, -offsetAt(first, zone));
  return result === undefined ? undefined : { ...result, utc: true };
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (zone === '') return undefined;
  if (!formats.has(zone)) formats.set(zone, makeFormat(zone));
  return formats.get(zone);
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const two = '2-digit' as const;
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many ticks a zone's clocks are ahead of UTC. */
function offsetAt(moment: Moment, zone: string): bigint {
  const parts = formatOf(zone)?.formatToParts(toDate(moment)) ?? [];
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const shown = fromFields(
    {
      ...{ year: part('year'), month: part('month'), day: part('day') },
      ...{ hour: part('hour'), minute: part('minute'), second: part('second'), fraction: 0 },
    },
    false,
  );
  return shown === undefined ? 0n : shown.ticks - (moment.ticks - (moment.ticks % 10_000_000n));
}
