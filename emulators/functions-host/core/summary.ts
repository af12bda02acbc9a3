import { routeOf } from '../http/front-door.ts';
import type { FunctionRegistry } from './function-registry.ts';

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

/** A line for each function, with where it is reached, and which triggers this host does not serve. */
export function describeFunctions(registry: FunctionRegistry, origin: string, routePrefix: string): string[] {
  return registry.all().map((target) => {
    const { trigger, name } = target;
    switch (trigger.type.toLowerCase()) {
      case 'httptrigger': {
        const methods = Array.isArray(trigger.methods) ? trigger.methods.join(',') : '';
        return `  ${name}: [${methods}] ${origin}/${routeOf(target, routePrefix)}`;
      }
      case 'eventgridtrigger':
        return `  ${name}: eventGridTrigger ${origin}/runtime/webhooks/eventgrid?functionName=${name}`;
      case 'blobtrigger':
        return String(trigger.source).toLowerCase() === 'eventgrid'
          ? `  ${name}: blobTrigger ${origin}/runtime/webhooks/blobs?functionName=Host.Functions.${name}`
          : `  ${name}: blobTrigger`;
      default:
        return served.includes(trigger.type.toLowerCase())
          ? `  ${name}: ${trigger.type}`
          : `  ${name}: ${trigger.type} IS NOT SERVED by this host: the function will never run`;
    }
  });
}
