import { messageOf } from '../shared/errors.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { CONTAINERS } from '../shared/names.ts';
import { services } from '../shared/services.ts';

const TIME_LIMIT_MILLISECONDS = 5_000;

/** GET /api/health: asks each system that serving needs one small question; 503 when one does not answer. */
endpoint('health', {
  method: 'GET',
  route: 'health',
  access: 'anyone',
  handler: async (_request, context) => {
    const { lake, publications, warehouse } = services();
    const checks: Readonly<Record<string, () => Promise<unknown>>> = {
      storage: () => lake.facts(CONTAINERS.landing, 'health'),
      cosmos: () => publications.get('health'),
      synapse: () => warehouse.ping(),
    };
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await Promise.race([check(), rejectAfter(TIME_LIMIT_MILLISECONDS)]);
          return [name, 'ok'] as const;
        } catch (error) {
          context.warn(`health: ${name}: ${messageOf(error)}`); // the cause may name hosts: it is for the log only
          return [name, 'unavailable'] as const;
        }
      }),
    );
    const healthy = entries.every(([, state]) => state === 'ok');
    return {
      status: healthy ? 200 : 503,
      jsonBody: { status: healthy ? 'ok' : 'unavailable', systems: Object.fromEntries(entries) },
    };
  },
});

function rejectAfter(milliseconds: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds).unref();
  });
}
