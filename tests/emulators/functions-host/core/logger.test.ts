import { describe, expect, test } from '@jest/globals';
import type { RegisteredFunction } from '../../../../emulators/functions-host/core/function-registry.ts';
import { createInvocationLog } from '../../../../emulators/functions-host/core/invocation-log.ts';
import { wantsColors } from '../../../../emulators/functions-host/core/log-colors.ts';
import { type LogLevels, levelOf } from '../../../../emulators/functions-host/core/log-levels.ts';
import { createLogger } from '../../../../emulators/functions-host/core/logger.ts';

const id = '0a1b2c3d-0000-4000-8000-000000000000';

function record(levels: LogLevels, colors = false) {
  const lines: string[] = [];
  const logger = createLogger(levels, { write: (line) => lines.push(line), colors });
  const target = { name: 'hello', trigger: { type: 'timerTrigger', direction: 'in' } } as unknown as RegisteredFunction;
  return { logger, log: createInvocationLog(target, logger), lines };
}

describe('the log of calls', () => {
  test('says what Core Tools says, with a short id and the duration', () => {
    const { log, lines } = record({});
    log.started(id);
    log.user('warning', id, 'careful');
    log.succeeded(id, performance.now());
    log.failed(id, performance.now(), new Error('boom\n\n$OutOfProcData$:{"a lot":1}'));
    expect(lines.map((line) => line.replace(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] /, ''))).toEqual([
      expect.stringMatching(/^Executing 'Functions\.hello' \(Reason='Timer fired at \S+', Id=0a1b2c3d\)\n$/),
      'warning: [hello 0a1b2c3d] careful\n',
      expect.stringMatching(/^Executed 'Functions\.hello' \(Succeeded, Id=0a1b2c3d, Duration=\d+ms\)\n$/),
      expect.stringMatching(/^error: Executed 'Functions\.hello' \(Failed, Id=0a1b2c3d, Duration=\d+ms\): boom\n$/),
    ]);
  });

  test('has colours where they are wanted', () => {
    const { log, lines } = record({}, true);
    log.succeeded(id, performance.now());
    expect(lines[0]).toContain('\u001b[32mSucceeded\u001b[39m');
  });

  test('is off where its category is', () => {
    const { logger, log, lines } = record({ default: 'information', 'Function.hello': 'error' });
    expect(log.isOn).toBe(false);
    log.user('information', id, 'nobody reads this');
    logger.info('the host goes on');
    expect(lines).toEqual([expect.stringContaining('the host goes on')]);
  });
});

test.each<[string, LogLevels, string]>([
  ['Host.Startup', {}, 'information'],
  ['Host.Startup', { default: 'error' }, 'error'],
  ['Function.hello.User', { Function: 'warning', 'Function.hello': 'debug', default: 'none' }, 'debug'],
  ['function.HELLO', { 'Function.hello': 'trace' }, 'trace'],
  ['Function.helloAgain', { 'Function.hello': 'trace' }, 'information'],
])('of %s and %j the level is %s', (category, levels, expected) => {
  expect(levelOf(category, levels)).toBe(expected);
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
])('on a terminal (%s) with %j colours are wanted: %s', (isTTY, environment, expected) => {
  expect(wantsColors({ isTTY }, environment)).toBe(expected);
});
