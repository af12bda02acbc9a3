import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { help, parseCommand, UsageError } from '../../../../emulators/functions-host/command/options.ts';

const options = (...args: string[]) => {
  const command = parseCommand(args);
  return command.kind === 'run' ? command.options : undefined;
};

describe('the command line', () => {
  test('takes the current folder, and keeps state in a folder of its own there', () => {
    expect(options()).toEqual({
      appFolder: process.cwd(),
      dataFolder: join(process.cwd(), '.functions-host'),
      isDefaultDataFolder: true,
      enforceKeys: true,
      watch: false,
    });
  });

  test('takes everything that there is', () => {
    const args = ['app', '-p', '0', '-d', 'data', '-w', '--no-keys', '--inspect-brk=9230', '--log-level', 'Warning'];
    args.push('--access-log', 'access.log');
    expect(options(...args)).toEqual({
      appFolder: resolve('app'),
      dataFolder: resolve('data'),
      isDefaultDataFolder: false,
      port: 0,
      logLevel: 'warning',
      enforceKeys: false,
      accessLog: resolve('access.log'),
      watch: true,
      inspector: { port: 9230, wait: true },
    });
  });

  test('does not take the app folder for the port of --inspect', () => {
    expect(options('--inspect', 'app')).toMatchObject({
      appFolder: resolve('app'),
      inspector: { port: 9229, wait: false },
    });
  });

  test.each([
    [['--help', '--watch'], 'help'],
    [['-h'], 'help'],
    [['--version'], 'version'],
  ])('%j asks for %s', (args, kind) => {
    expect(parseCommand(args)).toEqual({ kind });
  });

  test('has each of its options in the help', () => {
    const names = [
      '--port',
      '--data',
      '--watch',
      '--inspect',
      '--inspect-brk',
      '--no-keys',
      '--access-log',
      '--log-level',
      '--version',
    ];
    expect(names.filter((name) => !help.includes(name))).toEqual([]);
  });

  test.each([
    [['--loud'], "unknown option '--loud'"],
    [['a', 'b'], 'there can be one app folder only, and these are 2'],
    [['--port', '65536'], '--port takes a port from 0 to 65535, and "65536" is none'],
    [['--port', 'http'], '--port takes a port from 0 to 65535, and "http" is none'],
    [['--inspect=0.0.0.0:9229'], '--inspect takes a port from 0 to 65535, and "0.0.0.0:9229" is none'],
    [['--log-level', 'loud'], 'unknown log level "loud": use one of trace, debug, info, warn, error, none'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommand(args)).toThrow(new UsageError(message));
  });
});
