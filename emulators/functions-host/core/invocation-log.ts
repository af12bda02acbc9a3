import type { RegisteredFunction } from './function-registry.ts';
import { type Logger, messageOf, stackOf } from './logger.ts';
import type { LogLevel } from './rpc-types.ts';

/** What a log says of the calls of one function, in the words of `func start`. */
export interface InvocationLog {
  /** Whether anybody reads that calls start and succeed. */
  readonly isOn: boolean;
  started(invocationId: string): void;
  succeeded(invocationId: string, startedAt: number): void;
  failed(invocationId: string, startedAt: number, error: unknown): void;
  /** What the function itself says. */
  user(level: LogLevel, invocationId: string, message: string): void;
}

const programmatically = 'This function was programmatically called via the host APIs.';

const reasons: Readonly<Record<string, string>> = {
  timertrigger: 'Timer fired',
  eventgridtrigger: 'EventGrid trigger fired',
  queuetrigger: 'New queue message detected',
  blobtrigger: 'New blob detected',
  orchestrationtrigger: '(null)',
  activitytrigger: '(null)',
  entitytrigger: '(null)',
};

/** As much of an id as tells calls apart; the function's own `invocationId` starts with it. */
const short = (invocationId: string) => invocationId.slice(0, 8);

/**
 * The log of one function. Its categories are `Function.<name>` and, for what the function says, `Function.<name>.User`.
 * Source: Azure/azure-webjobs-sdk, `Executors/FunctionExecutor.cs`, `Loggers/DefaultLoggerEvents`.
 */
export function createInvocationLog({ name, trigger }: RegisteredFunction, logger: Logger): InvocationLog {
  const host = logger.of(`Function.${name}`);
  const own = logger.of(`Function.${name}.User`);
  const { colors } = logger;
  const reason = reasons[trigger.type.toLowerCase()] ?? programmatically;
  const quoted = colors.cyan(`'Functions.${name}'`);
  const executing = `Executing ${quoted} (Reason='${reason}', Id=`;
  const executed = `Executed ${quoted} (`;
  const duration = (startedAt: number) => `Duration=${Math.round(performance.now() - startedAt)}ms)`;
  return {
    isOn: host.isOn('information'),
    started: (id) => host.info(`${executing}${short(id)})`),
    succeeded: (id, startedAt) => {
      host.info(`${executed}${colors.green('Succeeded')}, Id=${short(id)}, ${duration(startedAt)}`);
    },
    failed: (id, startedAt, error) => {
      // A failed orchestration carries its whole state behind this label; nobody wants that in a log.
      const message = messageOf(error).split('\n\n$OutOfProcData$:')[0];
      host.error(`Executed 'Functions.${name}' (Failed, Id=${short(id)}, ${duration(startedAt)}: ${message}`);
      if (host.isOn('debug')) {
        host.debug(stackOf(error));
      }
    },
    user: (level, id, message) => {
      if (own.isOn(level)) {
        own.log(level, `[${name} ${short(id)}] ${message}`);
      }
    },
  };
}
