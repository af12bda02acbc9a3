import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cleanUp, newFolder, tryStartHost, writeApp } from '../start-host.ts';

afterAll(cleanUp);

const functions = (code: string) => `const { app } = require('@azure/functions');\n${code}\n`;
const hello = functions(`app.http('hello', { handler: () => ({ body: 'hi' }) });`);
const packageJson = '{ "main": "functions/*.js" }';
const good = { 'package.json': packageJson, 'functions/hello.js': hello, 'host.json': '{ "version": "2.0" }' };

/** How a host ends on an app that has these files instead of good ones; APP stands for its folder. */
async function failureOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = writeApp({ ...good, ...files });
  const end = await tryStartHost(folder, newFolder());
  if ('url' in end) {
    throw new Error('the host came up');
  }
  expect(end.code).toBe(1);
  return end.stderr.replaceAll(folder, 'APP').replaceAll(`/private${folder}`, 'APP');
}

const withFunction = (code: string) => ({ 'functions/hello.js': functions(code) });

describe('the host says what is wrong with an app, where, and what to do', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a host.json that is no JSON',
      { 'host.json': '{\n  // the version\n  "version": "2.0"\n  "extensions": {}\n}' },
      `APP/host.json, line 4, column 3: Expected ',' or '}' after property value: mend the JSON there`,
    ],
    [
      'a host.json that ends too early',
      { 'host.json': '{ "version": "2.0",\n  "logging": {' },
      "APP/host.json, line 2, column 15: Expected property name or '}': mend the JSON there",
    ],
    [
      'a host.json that holds a list',
      { 'host.json': '[]' },
      'APP/host.json must hold a JSON object, as in { "version": "2.0" }',
    ],
    [
      'a value of host.json of a wrong type',
      { 'host.json': '{ "version": "2.0", "extensions": { "http": { "routePrefix": 1 } } }' },
      'host.json: extensions.http.routePrefix must be a text, and is 1',
    ],
    [
      'a limit of host.json that is none',
      { 'host.json': '{ "version": "2.0", "extensions": { "durableTask": { "maxConcurrentActivityFunctions": 0 } } }' },
      'host.json: extensions.durableTask.maxConcurrentActivityFunctions must be a whole number from 1 on, and is 0',
    ],
    [
      'a host.json without version',
      { 'host.json': '{ "logging": {} }' },
      'host.json: there is no version: add "version": "2.0"',
    ],
    [
      'a host.json of another version',
      { 'host.json': '{ "version": "3.0" }' },
      'host.json: version "3.0" is not known: this host, as Functions 4, takes "2.0"',
    ],
    [
      'an unknown log level',
      { 'host.json': '{ "version": "2.0", "logging": { "logLevel": { "Function": "Loud" } } }' },
      'host.json: logging.logLevel.Function: unknown log level "Loud": use one of trace, debug, info, warn, error, none',
    ],
    [
      'an encrypted local.settings.json',
      { 'local.settings.json': '{ "IsEncrypted": true }' },
      'APP/local.settings.json is encrypted: run "func settings decrypt" first',
    ],
    [
      'a package.json that is no JSON',
      { 'package.json': '{\n  "name": "app",\n  "main":   }' },
      "APP/package.json, line 3, column 13: Unexpected token '}': mend the JSON there",
    ],
    [
      'a package.json without main',
      { 'package.json': '{}' },
      `APP/package.json has no "main": name the app's entry files there, for example "dist/functions/*.js"`,
    ],
    [
      'a main that matches nothing',
      { 'package.json': '{ "main": "dist/*.js" }' },
      'no file matches "main": "dist/*.js" of APP/package.json: build the app first ("npm run build"), or correct "main"',
    ],
    [
      'no functions',
      { 'functions/hello.js': '' },
      `the app in APP registered no function: its entry files must call app.http() and the like of @azure/functions 4, and "main" of package.json must name all of them`,
    ],
    [
      'an entry file that throws',
      { 'functions/hello.js': `function setUp() {\n  throw new Error('no database');\n}\nsetUp();\n` },
      'the entry file APP/functions/hello.js of the app threw: Error: no database\n' +
        '    at setUp (APP/functions/hello.js:2:9)\n    at Object.<anonymous> (APP/functions/hello.js:4:1)',
    ],
    [
      'two functions of one name',
      { 'functions/other.js': functions(`app.http('Hello', { handler: () => ({}) });`) },
      'two functions are named "Hello", whose case does not count: one registered at APP/functions/hello.js:2:5, ' +
        'one at APP/functions/other.js:2:5: rename one',
    ],
    [
      'an app setting that is missing',
      withFunction(`app.timer('nightly', { schedule: '%NIGHTLY%', handler: () => {} });`),
      'the function "nightly", registered at APP/functions/hello.js:2:5, cannot be run: its timerTrigger has schedule ' +
        '"%NIGHTLY%", and there is no app setting NIGHTLY: add it to Values of local.settings.json, or to the environment',
    ],
    [
      'a connection that is missing',
      withFunction(`app.storageQueue('orders', { queueName: 'orders', connection: 'ORDERS', handler: () => {} });`),
      'the function "orders", registered at APP/functions/hello.js:2:5, cannot be run: its queueTrigger takes its ' +
        'connection from the app setting ORDERS, which does not exist: add it to Values of local.settings.json, or to the environment',
    ],
    [
      'a schedule that is none',
      withFunction(`app.timer('nightly', { schedule: 'at night', handler: () => {} });`),
      expect.stringMatching(
        /its timerTrigger cannot be scheduled: .*"at night".*: write it as in "0 \*\/5 \* \* \* \*" \(seconds first\) or "00:05:00"\n$/,
      ) as unknown as string,
    ],
    [
      'a route that cannot be read',
      withFunction(`app.http('hello', { route: 'a/{id', handler: () => ({}) });`),
      'the function "hello", registered at APP/functions/hello.js:2:5, cannot be run: its httpTrigger cannot be ' +
        'reached: the route "a/{id" has unbalanced braces in "{id"',
    ],
    [
      'an authorization level that is none',
      withFunction(`app.http('hello', { authLevel: 'user', handler: () => ({}) });`),
      'the function "hello", registered at APP/functions/hello.js:2:5, cannot be run: its httpTrigger has the ' +
        'authLevel "user": use one of anonymous, function, admin',
    ],
  ])('%s', async (_, files, expected) => {
    expect(await failureOf(files)).toEqual(typeof expected === 'string' ? `functions-host: ${expected}\n` : expected);
  });

  test('a package that is not installed', async () => {
    expect(await failureOf({ 'functions/hello.js': `require('not-installed');` })).toMatch(
      /^functions-host: the entry file APP\/functions\/hello\.js of the app threw: Error: Cannot find module 'not-installed'(.|\n)*\nIf it is a package, install it: npm install\n$/,
    );
  });

  test('an ES module with an error in its syntax', async () => {
    const files = {
      'package.json': '{ "type": "module", "main": "functions/*.mjs" }',
      'functions/a.mjs': 'const = 1;',
    };
    expect(await failureOf(files)).toMatch(
      /of the app threw: APP\/functions\/a\.mjs:1\nconst = 1;\n {6}\^\n\nSyntaxError: Unexpected token '='\n$/,
    );
  });

  test.each([
    ['something that is no error', 'throw { code: 5 };', /of the app threw: \{ code: 5 \}\n$/],
    ['nothing', 'throw null;', /of the app threw: null\n$/],
  ])('an entry file that throws %s', async (_, code, expected) => {
    expect(await failureOf({ 'functions/hello.js': code })).toMatch(expected);
  });

  test('an app that ends the process', async () => {
    expect(await failureOf({ 'functions/hello.js': 'process.exit(0);' })).toBe(
      'functions-host: the app has ended the process while it was loaded: it must not call process.exit()\n',
    );
  });

  test('a hook that throws at the start', async () => {
    const hook = functions(`app.hook.appStart(function check() { throw new Error('no start'); });`);
    expect(await failureOf({ 'functions/hook.js': hook })).toMatch(
      /^functions-host: an appStart hook of the app threw: Error: no start\n {4}at check \(APP\/functions\/hook\.js:2:\d+\)/,
    );
  });

  test('a file with an error in its syntax', async () => {
    expect(await failureOf({ 'functions/hello.js': 'const = 1;' })).toMatch(
      /of the app threw: APP\/functions\/hello\.js:1\nconst = 1;\n {6}\^\n\nSyntaxError: Unexpected token '='\n$/,
    );
  });

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const end = await tryStartHost(writeApp(good), newFolder(), { args: ['--port', String(port)] });
    server.close();
    expect(end).toEqual({
      code: 1,
      stderr: `functions-host: port ${port} is in use: stop what uses it, or choose another with --port (0 picks a free one)\n`,
    });
  });

  test('a folder without an app', () => {
    const cli = join(import.meta.dirname, '../../../../emulators/functions-host/cli.ts');
    const folder = newFolder();
    const end = spawnSync(process.execPath, [cli, '--port', '0'], { cwd: folder, encoding: 'utf8' });
    expect([end.status, end.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^functions-host: there is no package\.json in .*: give the folder of an app, or make one with "func init"\n$/,
      ),
    ]);
  });
});
