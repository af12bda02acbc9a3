import type { Server } from 'node:http';
import { captureServer } from '../triggers/capture-server.ts';
import { loadEntryFiles } from './app-loader.ts';
import { appStackOf } from './app-stack.ts';
import { checkBindings } from './check-bindings.ts';
import { HostSetupError } from './errors.ts';
import { FunctionRegistry } from './function-registry.ts';
import { createFunctionsCore, injectFunctionsCore } from './functions-core.ts';
import { HookRegistry } from './hooks.ts';
import { type Logger, messageOf } from './logger.ts';
import { preloadLibrary } from './private-fields.ts';
import type { ProgrammingModel } from './rpc-types.ts';

/** An app that is loaded and has started. */
export interface LoadedApp {
  readonly registry: FunctionRegistry;
  readonly hooks: HookRegistry;
  readonly model: ProgrammingModel;
  /** The library's server for streams, if the app streams. */
  readonly streamServer: Server | undefined;
  /** Lets the app know that it ends. */
  terminate(): Promise<void>;
}

/**
 * Loads an app into this process and lets it start.
 * @throws HostSetupError when it cannot be loaded, registers nothing, or has a function that cannot be bound.
 */
export async function loadApp(appFolder: string, logger: Logger): Promise<LoadedApp> {
  const registry = new FunctionRegistry();
  const hooks = new HookRegistry();
  const core = createFunctionsCore(registry, hooks, logger);
  injectFunctionsCore(core.api);
  preloadLibrary(appFolder, '@azure/functions');
  await loadEntryFiles(appFolder, (path) => {
    logger.warn(`${path} has been loading for a while: what it awaits at its top level keeps the host from starting`);
  });
  const model = core.model();
  if (model === undefined || registry.all().length === 0) {
    throw new HostSetupError(
      `the app in ${appFolder} registered no function: its entry files must call app.http() and the like of ` +
        '@azure/functions 4, and "main" of package.json must name all of them',
    );
  }
  const hookData = {}; // of the app as a whole, from its start to its end
  const appStart = hooks.context({}, { functionAppDirectory: appFolder }, hookData);
  await hooks.run('appStart', appStart).catch((error: unknown) => {
    throw new HostSetupError(`an appStart hook of the app threw: ${appStackOf(error)}`, error);
  });
  registry.lock();
  const streamServer = await streamServerOf(model);
  removeDisabled(registry);
  checkBindings(registry.all(), process.env);
  return {
    registry,
    hooks,
    model,
    streamServer,
    terminate: () =>
      hooks
        .run('appTerminate', hooks.context({}, {}, hookData))
        .catch((error: unknown) => logger.warn(messageOf(error))),
  };
}

async function streamServerOf(model: ProgrammingModel): Promise<Server | undefined> {
  const { result: capabilities, server } = await captureServer(async () => model.getCapabilities?.({}));
  if (capabilities?.HttpUri === undefined) {
    return undefined;
  }
  if (server === undefined) {
    throw new HostSetupError(
      'the library takes streams on a server that this host cannot find: use another version of it',
    );
  }
  return server;
}

/** Source: "Disable functions in Azure Functions": the setting `AzureWebJobs.<name>.Disabled`. */
function removeDisabled(registry: FunctionRegistry): void {
  for (const target of registry.all()) {
    const { name } = target;
    const setting = process.env[`AzureWebJobs.${name}.Disabled`] ?? process.env[`AzureWebJobs_${name}_Disabled`];
    if (setting !== undefined && /^(1|true)$/i.test(setting)) {
      registry.disable(target);
    }
  }
}
