/**
 * Versions of orchestrations: each instance keeps the one that it was started with, and the host decides by its own which
 * instances it may run.
 * Source: Azure/durabletask, `DurableTask.Core/Settings/VersioningSettings.cs`, `TaskOrchestrationDispatcher.cs`.
 */
export interface VersionSettings {
  /** The host's own version, and that of instances that are started without one; null for none. */
  readonly defaultVersion: string | null;
  readonly match: 'None' | 'Strict' | 'CurrentOrOlder';
  /** What becomes of an instance that does not match: it waits for a host that may run it, or fails. */
  readonly mismatch: 'Reject' | 'Fail';
}

export const unversioned: VersionSettings = { defaultVersion: null, match: 'CurrentOrOlder', mismatch: 'Reject' };

/** What to do with an instance of that version. */
export function verdictOn(version: string | null, settings: VersionSettings): 'run' | 'wait' | 'fail' {
  const own = settings.defaultVersion ?? '';
  const given = version ?? '';
  const matches =
    given === own ||
    settings.match === 'None' ||
    (settings.match === 'CurrentOrOlder' && compareVersions(given, own) <= 0);
  return matches ? 'run' : settings.mismatch === 'Fail' ? 'fail' : 'wait';
}

/**
 * Below 0 when `a` is older, above when it is newer. None is older than any; `1.2` to `1.2.3.4` are compared number by
 * number, all else as text without regard to case.
 */
export function compareVersions(a: string, b: string): number {
  if (a.trim() === '' || b.trim() === '') {
    return Number(a.trim() !== '') - Number(b.trim() !== '');
  }
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (x === undefined || y === undefined) {
    const [textA, textB] = [a.toUpperCase(), b.toUpperCase()];
    return textA === textB ? 0 : textA < textB ? -1 : 1;
  }
  for (let place = 0; place < 4; place++) {
    const difference = (x[place] ?? -1) - (y[place] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** Two to four numbers; undefined for any other text. */
function numbersOf(version: string): number[] | undefined {
  return /^\s*\d+(\s*\.\s*\d+){1,3}\s*$/.test(version) ? version.split('.').map(Number) : undefined;
}
