/**
 * The part of `@azure/functions-core` that this host and the Node library exchange.
 * Source: Azure/azure-functions-nodejs-worker, `types-core/index.d.ts`.
 */

/** One value on its way to or from a function. */
export interface RpcTypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  http?: RpcHttpData;
  int?: number;
  double?: number;
  modelBindingData?: RpcModelBindingData;
}

/** What a package for SDK bindings makes a client of. */
export interface RpcModelBindingData {
  version: string;
  source: string;
  contentType: string;
  content: Buffer;
}

/** A value that may be absent, as the worker's protocol spells it. */
export interface RpcNullable<T> {
  value?: T | null;
}

/** A cookie that a function set on its answer. */
export interface RpcHttpCookie {
  name?: string;
  value?: string;
  domain?: RpcNullable<string>;
  path?: RpcNullable<string>;
  expires?: RpcNullable<{ seconds?: number }>;
  secure?: RpcNullable<boolean>;
  httpOnly?: RpcNullable<boolean>;
  sameSite?: string;
  maxAge?: RpcNullable<number>;
}

/** A request (towards the function) or an answer (from it). */
export interface RpcHttpData {
  method?: string;
  url?: string;
  nullableHeaders?: Record<string, RpcNullable<string>>;
  nullableQuery?: Record<string, RpcNullable<string>>;
  nullableParams?: Record<string, RpcNullable<string>>;
  body?: RpcTypedData | null;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: RpcHttpCookie[];
}

/** One binding of a function; more properties depend on its type. */
export interface RpcBinding {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly [property: string]: unknown;
}

export interface RpcDuration {
  readonly seconds?: number;
}

/** When a failed invocation is tried again. */
export interface RpcRetryOptions {
  readonly maxRetryCount?: number;
  readonly retryStrategy?: string;
  readonly delayInterval?: RpcDuration;
  readonly minimumInterval?: RpcDuration;
  readonly maximumInterval?: RpcDuration;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, RpcBinding>>;
  readonly retryOptions?: RpcRetryOptions;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface RpcRetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message?: string; readonly source?: string; readonly stackTrace?: string };
}

export interface RpcTraceContext {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RpcParameterBinding {
  readonly name: string;
  readonly data: RpcTypedData | null | undefined;
}

export interface RpcInvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly RpcParameterBinding[];
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext?: RpcTraceContext;
  readonly retryContext?: RpcRetryContext;
}

export interface RpcInvocationResponse {
  readonly returnValue?: RpcTypedData | null;
  readonly outputData?: readonly RpcParameterBinding[];
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: RpcInvocationRequest;
  state: string | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

/** What `@azure/functions` registers as its own half of the worker. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}
