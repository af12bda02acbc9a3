import type { RegisteredFunction } from './function-registry.ts';
import { type Logger, messageOf, stackOf } from './logger.ts';
import type { LogLevel, RpcBinding } from './rpc-types.ts';

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

/** Why a function is called, in the words of the extension that calls it. */
function reasonOf({ type, queueName, path }: RpcBinding): () => string {
  switch (type.toLowerCase()) {
    case 'timertrigger':
      return () => `Timer fired at ${new Date().toISOString()}`;
    case 'eventgridtrigger':
      return () => `EventGrid trigger fired at ${new Date().toISOString()}`;
    case 'queuetrigger':
      return () => `New queue message detected on '${queueName}'.`;
    case 'blobtrigger':
      return () => `New blob detected in '${path}'.`;
    case 'orchestrationtrigger':
    case 'activitytrigger':
    case 'entitytrigger':
      return () => '(null)';
    default:
      return () => 'This function was programmatically called via the host APIs.';
  }
}

/** As much of an id as tells calls apart; the function's own `invocationId` starts with it. */
const short = (invocationId: string) => invocationId.slice(0, 8);

/** The message of a failed orchestration: the error of the state that stands behind this label, and not the state. */
function withoutState(text: string): string {
  const [message = '', state] = text.split('\n\n$OutOfProcData$:');
  try {
    const { error } = JSON.parse(state ?? '{}') as { readonly error?: unknown };
    return typeof error === 'string' ? error : message;
  } catch {
    return message; // An error that merely looks like one.
  }
}

/**
 * The log of one function. Its categories are `Function.<name>` and, for what the function says, `Function.<name>.User`.
 * Source: Azure/azure-webjobs-sdk, `Executors/FunctionExecutor.cs`, `Loggers/DefaultLoggerEvents`.
 */
export function createInvocationLog({ name, trigger }: RegisteredFunction, logger: Logger): InvocationLog {
  const host = logger.of(`Function.${name}`);
  const own = logger.of(`Function.${name}.User`);
  const { colors } = logger;
  const reason = reasonOf(trigger);
  const quoted = colors.cyan(`'Functions.${name}'`);
  const executed = `Executed ${quoted} (`;
  const duration = (startedAt: number) => `Duration=${Math.round(performance.now() - startedAt)}ms)`;
  return {
    isOn: host.isOn('information'),
    started: (id) => host.info(`Executing ${quoted} (Reason='${reason()}', Id=${short(id)})`),
    succeeded: (id, startedAt) => {
      host.info(`${executed}${colors.green('Succeeded')}, Id=${short(id)}, ${duration(startedAt)}`);
    },
    failed: (id, startedAt, error) => {
      const message = withoutState(messageOf(error));
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
