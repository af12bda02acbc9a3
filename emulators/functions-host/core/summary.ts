import { durablePagePath } from '../durable-page/durable-page.ts';
import { routeOf } from '../http/front-door.ts';
import type { FunctionRegistry, RegisteredFunction } from './function-registry.ts';
import type { Colors } from './log-colors.ts';

const served = [
  'httptrigger',
  'eventgridtrigger',
  'timertrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
  'queuetrigger',
  'blobtrigger',
  'cosmosdbtrigger',
  'warmuptrigger',
];

export interface SummaryOptions {
  readonly registry: FunctionRegistry;
  readonly origin: string;
  readonly routePrefix: string;
  readonly colors: Colors;
  /** Where the master key is that the page of instances asks for; absent when it asks for none. */
  readonly keyFile?: string;
}

const isHttp = ({ trigger }: RegisteredFunction) => trigger.type.toLowerCase() === 'httptrigger';

/** The functions and where each is reached, those with a URL first, as `func start` lists them. */
export function describeFunctions(options: SummaryOptions): string {
  const { registry, colors } = options;
  const all = registry
    .all()
    .sort((a, b) => Number(isHttp(b)) - Number(isHttp(a)) || a.name.localeCompare(b.name, 'en'));
  const lines = all.map((target) => `\t${colors.yellow(target.name)}: ${describe(target, options)}\n\n`);
  return `\nFunctions:\n\n${lines.join('')}${describePage(options)}`;
}

/** Where the orchestrations of the app are shown, if it has any. */
function describePage({ registry, origin, colors, keyFile }: SummaryOptions): string {
  const hint = keyFile === undefined ? '' : ` (asks for the master key of ${keyFile})`;
  return registry.all().some(({ trigger }) => /^(orchestration|entity)Trigger$/i.test(trigger.type))
    ? `Instances: ${colors.green(origin + durablePagePath)}${hint}\n\n`
    : '';
}

function describe(target: RegisteredFunction, { origin, routePrefix, colors }: SummaryOptions): string {
  const { trigger, name } = target;
  const type = trigger.type.toLowerCase();
  if (type === 'httptrigger') {
    const methods =
      Array.isArray(trigger.methods) && trigger.methods.length > 0 ? `[${trigger.methods.join(',')}] ` : '';
    return methods + colors.green(`${origin}/${routeOf(target, routePrefix)}`);
  }
  if (type === 'eventgridtrigger') {
    return `${trigger.type} ${colors.green(`${origin}/runtime/webhooks/eventgrid?functionName=${name}`)}`;
  }
  if (type === 'blobtrigger' && String(trigger.source).toLowerCase() === 'eventgrid') {
    return `${trigger.type} ${colors.green(`${origin}/runtime/webhooks/blobs?functionName=Host.Functions.${name}`)}`;
  }
  if (!served.includes(type)) {
    return colors.red(`${trigger.type} IS NOT SERVED by this host: the function will never run`);
  }
  return type === 'timertrigger' ? `${trigger.type} ${String(trigger.schedule)}` : trigger.type;
}
