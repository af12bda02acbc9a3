import { parseRouteTemplate } from '../http/route-template.ts';
import { parseTimerSchedule } from '../triggers/timer-schedule.ts';
import { resolveSettings, verbatimProperties } from './app-settings.ts';
import { connectionSettings } from './connection.ts';
import { HostSetupError } from './errors.ts';
import type { RegisteredFunction } from './function-registry.ts';
import { messageOf } from './logger.ts';
import type { RpcBinding } from './rpc-types.ts';

const authLevels = ['anonymous', 'function', 'admin'];
const methods = ['GET', 'POST', 'DELETE', 'HEAD', 'PATCH', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'];

/** Bindings that take AzureWebJobsStorage when they name no connection. */
const storageBindings = /^(blob|queue|table)(Trigger)?$/i;

/**
 * Checks what the functions of an app say of their bindings, before any of them can be called.
 * @throws HostSetupError that names the function, what is wrong with it, and what to do.
 */
export function checkBindings(functions: readonly RegisteredFunction[], settings: NodeJS.ProcessEnv): void {
  for (const target of functions) {
    for (const binding of Object.values(target.metadata.bindings)) {
      const fault = faultOf(binding, settings);
      if (fault !== undefined) {
        const where = target.place === undefined ? '' : `, registered at ${target.place}`;
        throw new HostSetupError(`the function "${target.name}"${where}, cannot be run: its ${binding.type} ${fault}`);
      }
    }
  }
}

function faultOf(binding: RpcBinding, settings: NodeJS.ProcessEnv): string | undefined {
  return settingFault(binding, settings) ?? httpFault(binding) ?? timerFault(binding, settings);
}

function settingFault(binding: RpcBinding, settings: NodeJS.ProcessEnv): string | undefined {
  for (const [property, value] of Object.entries(binding)) {
    const [, name] =
      typeof value === 'string' && !verbatimProperties.includes(property) ? (/%([\w.:-]+)%/.exec(value) ?? []) : [];
    if (name !== undefined && settings[name] === undefined) {
      return `has ${property} "${value}", and there is no app setting ${name}: add it to Values of local.settings.json, or to the environment`;
    }
  }
  const fallback = storageBindings.test(binding.type) ? 'AzureWebJobsStorage' : undefined;
  const { connection = fallback } = binding;
  return typeof connection === 'string' && connection !== '' && !hasConnection(connection, settings)
    ? `takes its connection from the app setting ${connection}, which does not exist: add it to Values of local.settings.json, or to the environment`
    : undefined;
}

/** Source: "Azure Functions developer guide", connections: a string, or the properties of an identity-based one. */
function hasConnection(name: string, settings: NodeJS.ProcessEnv): boolean {
  return (
    connectionSettings(name).some((each) => settings[each] !== undefined) ||
    Object.keys(settings).some((each) => each.startsWith(`${name}__`))
  );
}

function httpFault(binding: RpcBinding): string | undefined {
  if (binding.type.toLowerCase() !== 'httptrigger') {
    return undefined;
  }
  const { authLevel = 'anonymous', route = '', methods: given = [] } = binding;
  if (!authLevels.includes(String(authLevel).toLowerCase())) {
    return `has the authLevel "${authLevel}": use one of ${authLevels.join(', ')}`;
  }
  const unknown = (Array.isArray(given) ? given : [given]).find(
    (each) => !methods.includes(String(each).toUpperCase()),
  );
  if (unknown !== undefined) {
    return `has the method "${unknown}": use some of ${methods.slice(0, 7).join(', ')}`;
  }
  if (/^\/?(admin|runtime)(\/|$)/i.test(String(route))) {
    return `has the route "${route}", which begins as the host's own do: choose another`;
  }
  try {
    parseRouteTemplate(String(route));
    return undefined;
  } catch (error) {
    return `cannot be reached: ${messageOf(error)}`;
  }
}

function timerFault(binding: RpcBinding, settings: NodeJS.ProcessEnv): string | undefined {
  if (binding.type.toLowerCase() !== 'timertrigger') {
    return undefined;
  }
  try {
    parseTimerSchedule(resolveSettings(String(binding.schedule ?? ''), settings));
    return undefined;
  } catch (error) {
    return `cannot be scheduled: ${messageOf(error)}: write it as in "0 */5 * * * *" (seconds first) or "00:05:00"`;
  }
}
