import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { loadFunctionBindings } from './bindings/function-bindings.ts';
import { applyLocalSettings, localPort } from './core/app-settings.ts';
import { openEngine } from './core/durable-host.ts';
import { HostSetupError } from './core/errors.ts';
import type { FunctionRegistry } from './core/function-registry.ts';
import { emulatedHostVersion } from './core/functions-core.ts';
import { readHostConfig } from './core/host-config.ts';
import { Invoker } from './core/invoker.ts';
import { loadKeys } from './core/keys.ts';
import { loadApp } from './core/load-app.ts';
import { createLogger, messageOf, stackOf } from './core/logger.ts';
import { withoutRetries } from './core/retry.ts';
import type { LogLevel } from './core/rpc-types.ts';
import { explainStateFault, isStateFault, openStateFile } from './core/state-file.ts';
import { describeFunctions } from './core/summary.ts';
import { TriggerState } from './core/trigger-state.ts';
import { createDurablePage } from './durable-page/durable-page.ts';
import { prepareSchema } from './engine/schema.ts';
import { openAccessLog, withAccessLog } from './http/access-log.ts';
import { Authorization } from './http/authorization.ts';
import { readCors, withCors } from './http/cors.ts';
import { createFrontDoor } from './http/front-door.ts';
import { openHttpServer } from './http/server.ts';
import { type ClientEndpoints, durableClientInput } from './protocol-v3/client-binding.ts';
import { WriteNotices } from './triggers/listener.ts';
import { loadListeners } from './triggers/listeners.ts';
import { TimerTriggers } from './triggers/timer-trigger.ts';
import { warmUp } from './triggers/warmup-trigger.ts';

/** How long requests and functions under way may take to end when the host is closed. */
const graceMs = 2000;

export interface FunctionsHostOptions {
  /** The folder with host.json and package.json. */
  readonly appFolder: string;
  /** Where keys and state live. */
  readonly dataFolder: string;
  /** 0 picks a free one. Absent: `Host.LocalHttpPort` of local.settings.json, or else 7071. */
  readonly port?: number;
  /** For all categories. Absent: as host.json says. */
  readonly logLevel?: LogLevel;
  /** Whether keys are asked for; Core Tools never asks. */
  readonly enforceKeys?: boolean;
  /** The file to which each request is appended, in the Combined Log Format. */
  readonly accessLog?: string;
  /** Told the port once it and the data folder are had, before anything of the app is read. */
  readonly onLoading?: (port: number) => void;
  /** What to do when the state cannot be written any more. The default ends the process. */
  readonly onFatal?: (error: unknown) => void;
}

export interface FunctionsHost {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Loads an app and runs it until it is closed. It changes this process for good (environment, working folder, module
 * loading): one host a process.
 * @throws HostSetupError when the app, the port or the data folder cannot be used.
 */
export async function createFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  try {
    return await openHost(options);
  } catch (error) {
    throw isStateFault(error)
      ? new HostSetupError(explainStateFault(resolve(options.dataFolder), error), error)
      : error;
  }
}

async function openHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const startedAt = Date.now();
  const appFolder = resolve(options.appFolder);
  const dataFolder = resolve(options.dataFolder);
  const database = openStateFile(dataFolder, prepareSchema);
  const keys = loadKeys(dataFolder);
  const server = await openHttpServer(options.port ?? localPort(appFolder));
  const origin = `http://localhost:${server.port}`;
  options.onLoading?.(server.port);

  prepareEnvironment(appFolder, server.port);
  const config = readHostConfig(appFolder);
  const logger = createLogger(options.logLevel === undefined ? config.logLevels : { default: options.logLevel });
  for (const remark of config.durable.remarks) {
    logger.warn(remark);
  }
  const { registry, hooks, model, streamServer, terminate } = await loadApp(appFolder, logger);

  const rpcPath = `/runtime/rpc/${randomBytes(24).toString('base64url')}/`;
  const endpoints: ClientEndpoints = {
    origin,
    taskHub: config.durable.taskHub,
    key: keys.systemKeys.durabletask_extension,
    rpcBaseUrl: `http://127.0.0.1:${server.port}${rpcPath}`,
  };
  const notices = new WriteNotices();
  const bindings = await loadFunctionBindings(registry, {
    environment: process.env,
    durableClient: { string: durableClientInput(endpoints) },
    queueEncoding: config.queues.messageEncoding,
    written: (kind, name) => notices.notify(kind, name),
  });
  const invoker = new Invoker({ model, hooks, logger, bindings, functionTimeout: config.functionTimeout });
  const onFatal =
    options.onFatal ??
    ((error: unknown) => {
      const why = isStateFault(error) ? explainStateFault(dataFolder, error) : stackOf(error);
      process.stderr.write(
        `functions-host: the host ends, and goes on from what is on disk at its next start: ${why}\n`,
      );
      process.exit(1);
    });
  const engine = openEngine({ database, registry, invoker: () => invoker, config: config.durable, logger, onFatal });
  const timers = new TimerTriggers(database, registry.withTrigger('timerTrigger'), invoker, logger, onFatal);
  const state = new TriggerState(database, onFatal);
  const listeners = await loadListeners(registry, { state, invoker, logger, config, notices });
  const enforceKeys = options.enforceKeys ?? true;
  const authorization = new Authorization(keys, enforceKeys);
  const handler = createFrontDoor({
    registry,
    invoker,
    authorization,
    routePrefix: config.routePrefix,
    blobEvents: (name) => listeners.blobEvents(name),
    rpcPath,
    streamServer,
    requestLimits: config.requestLimits,
    customHeaders: config.customHeaders,
    admin: {
      registry,
      origin,
      routePrefix: config.routePrefix,
      startedAt,
      isAdmin: (request, url) => authorization.isAdmin(request, url),
      run: (target, input) => {
        const run =
          timers.runNow(target.name) ??
          listeners.run(target.name, input) ??
          invoker.invoke(target, { trigger: input === null ? {} : { string: input } });
        run.catch((error: unknown) => logger.debug(messageOf(error)));
      },
    },
    durablePage: createDurablePage({
      browser: engine.browser,
      facts: {
        hostVersion: emulatedHostVersion,
        taskHub: config.durable.taskHub,
        orchestrators: namesOf(registry, 'orchestrationTrigger'),
        entities: namesOf(registry, 'entityTrigger'),
      },
      isAdmin: (request, url) => authorization.isAdmin(request, url),
    }),
    management: { engine, endpoints, hasFunction: (name, kind) => registry.find(name, kind) !== undefined },
  });
  logger.of('Host.Startup').print(
    describeFunctions({
      registry,
      origin,
      routePrefix: config.routePrefix,
      colors: logger.colors,
      ...(enforceKeys ? { keyFile: join(dataFolder, 'keys.json') } : {}),
    }),
  );
  for (const { name, trigger } of withoutRetries(registry.all())) {
    logger.warn(
      `the retry option of ${name} has no effect, as in Azure: a ${trigger.type} has its own way to try again`,
    );
  }
  const accessLog =
    options.accessLog === undefined ? undefined : openAccessLog(options.accessLog, (message) => logger.warn(message));
  await warmUp(registry, invoker);
  const answering = withCors(readCors(appFolder), handler);
  server.handle(accessLog === undefined ? answering : withAccessLog(accessLog, rpcPath, answering), logger);
  const recovered = engine.start();
  if (recovered.instances + recovered.activities > 0) {
    logger.info(
      `going on with ${recovered.instances} orchestrations, ${recovered.activities} activities and ` +
        `${recovered.timers} timers of the last run`,
    );
  }
  timers.start();
  listeners.start();

  let closing: Promise<void> | undefined;
  const close = async () => {
    timers.close();
    engine.drain();
    const closed = server.close(graceMs);
    // Activities may take hours; those that run now run again at the next start.
    const settled = settle(() => invoker.running > engine.runningActivities);
    await listeners.stop(settled);
    await settled;
    engine.close();
    await closed;
    await accessLog?.close();
    await terminate();
    database.close();
  };
  return {
    url: origin,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const namesOf = (registry: FunctionRegistry, trigger: string) => {
  return registry
    .withTrigger(trigger)
    .map(({ name }) => name)
    .sort();
};

function prepareEnvironment(appFolder: string, port: number): void {
  applyLocalSettings(appFolder, process.env);
  process.env.WEBSITE_HOSTNAME = `localhost:${port}`;
  process.env.FUNCTIONS_WORKER_RUNTIME ??= 'node';
  process.env.AZURE_FUNCTIONS_ENVIRONMENT ??= 'Development';
  process.env.FUNCTIONS_EXTENSION_VERSION ??= '~4';
  process.env.AzureWebJobsScriptRoot = appFolder;
  process.chdir(appFolder);
}

/** Waits while `busy`, but not for long. */
async function settle(busy: () => boolean): Promise<void> {
  const until = Date.now() + graceMs;
  while (busy() && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
