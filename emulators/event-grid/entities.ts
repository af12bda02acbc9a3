/** The two schemas in which Event Grid takes and delivers events. */
export type EventSchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/** An event in the Event Grid schema. */
export interface EventGridEvent {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  readonly eventTime: string;
  readonly data: unknown;
  readonly dataVersion: string;
  readonly metadataVersion: string;
}

/** An event in the CloudEvents 1.0 schema; extension attributes are kept as they came. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly subject?: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

/** An event together with the schema that it was published in. */
export type PublishedEvent =
  | { readonly schema: 'EventGridSchema'; readonly event: EventGridEvent }
  | { readonly schema: 'CloudEventSchemaV1_0'; readonly event: CloudEvent };

/** One comparison on a field of the event, as in the service's `advancedFilters`. */
export interface AdvancedFilter {
  readonly operatorType: string;
  readonly key: string;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** Which events a subscription wants. */
export interface SubscriptionFilter {
  readonly subjectBeginsWith: string;
  readonly subjectEndsWith: string;
  readonly isSubjectCaseSensitive: boolean;
  readonly includedEventTypes?: readonly string[];
  readonly advancedFilters: readonly AdvancedFilter[];
}

/** A subscription: where to send which events, in which schema, and how long to try. */
export interface Subscription {
  /** `storage`, or `topic:<name>`. */
  readonly scope: string;
  readonly name: string;
  /** The ARM id, as the client wrote it. */
  readonly id: string;
  readonly endpointUrl: string;
  readonly filter: SubscriptionFilter;
  readonly eventDeliverySchema: EventSchema;
  readonly retryPolicy: { readonly maxDeliveryAttempts: number; readonly eventTimeToLiveInMinutes: number };
  readonly deadLetterContainer?: string;
}

/** One event on its way to one subscription. */
export interface Delivery {
  readonly seq: number;
  readonly scope: string;
  readonly subscription: string;
  readonly attempts: number;
  readonly nextAt: number;
  readonly lastAttemptAt?: number;
  readonly lastOutcome?: string;
  readonly lastStatus?: number;
  /** Set once the event is given up: what is left to do is to write the dead letter. */
  readonly deadLetterReason?: string;
}
