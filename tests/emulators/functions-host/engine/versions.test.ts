import { describe, expect, test } from '@jest/globals';
import {
  compareVersions,
  type VersionSettings,
  verdictOn,
} from '../../../../emulators/functions-host/engine/versions.ts';

describe('versions', () => {
  test.each([
    ['', '1.0', -1],
    ['1.0', ' ', 1],
    ['', '', 0],
    ['1.9', '1.10', -1],
    ['2.0', '1.10', 1],
    ['1.0', '1.0.0', -1],
    ['1.2.3.4', '1.2.3.4', 0],
    ['v2', 'V2', 0],
    ['alpha', 'beta', -1],
    ['2', '10', 1], // A single number is no version to .NET, and so a text.
  ])('%j beside %j: %i', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });

  const own = (match: VersionSettings['match'], mismatch: VersionSettings['mismatch'] = 'Reject') => ({
    defaultVersion: '2.0',
    match,
    mismatch,
  });
  test.each([
    ['1.0', own('CurrentOrOlder'), 'run'],
    [null, own('CurrentOrOlder'), 'run'],
    ['2.0', own('Strict'), 'run'],
    ['3.0', own('None'), 'run'],
    ['3.0', own('CurrentOrOlder'), 'wait'],
    ['3.0', own('CurrentOrOlder', 'Fail'), 'fail'],
    ['1.0', own('Strict'), 'wait'],
    [null, own('Strict', 'Fail'), 'fail'],
    ['', { ...own('Strict'), defaultVersion: null }, 'run'],
    ['1.0', { ...own('CurrentOrOlder'), defaultVersion: null }, 'wait'],
  ] as const)('an instance of version %j on %j: %s', (version, settings, verdict) => {
    expect(verdictOn(version, settings)).toBe(verdict);
  });
});
