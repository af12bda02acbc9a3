import type { CloudEvent, EventGridEvent, EventSchema, PublishedEvent, Subscription } from '../entities.ts';

/** Body and headers of one delivery. */
export interface DeliveryRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An event as a CloudEvent, by the service's mapping. */
export function toCloudEvent(published: PublishedEvent): CloudEvent {
  if (published.schema === 'CloudEventSchemaV1_0') return published.event;
  const { id, topic, subject, eventType, eventTime, data } = published.event;
  return { specversion: '1.0', id, source: topic, type: eventType, time: eventTime, subject, dataschema: '#', data };
}

/** An event in the Event Grid schema. The service has no such mapping for CloudEvents; this is the reverse of its other one. */
export function toEventGridEvent(published: PublishedEvent): EventGridEvent {
  if (published.schema === 'EventGridSchema') return published.event;
  const { id, source, subject, type, time, data, data_base64 } = published.event;
  return {
    id,
    topic: source,
    subject: subject ?? '',
    eventType: type,
    eventTime: time ?? new Date(0).toISOString(),
    data: data ?? data_base64 ?? null,
    dataVersion: '',
    metadataVersion: '1',
  };
}

/** An event in the schema asked for. */
export function inSchema(published: PublishedEvent, schema: EventSchema): EventGridEvent | CloudEvent {
  return schema === 'EventGridSchema' ? toEventGridEvent(published) : toCloudEvent(published);
}

/** Builds the request: an array of one event in the Event Grid schema, or one bare CloudEvent. */
export function toRequest(published: PublishedEvent, subscription: Subscription, attempts: number): DeliveryRequest {
  const common = {
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': subscription.name.toUpperCase(),
    'aeg-delivery-count': String(attempts),
    'aeg-metadata-version': '1',
  };
  if (subscription.eventDeliverySchema === 'CloudEventSchemaV1_0') {
    return {
      headers: { ...common, 'content-type': 'application/cloudevents+json; charset=utf-8', 'aeg-data-version': '' },
      body: JSON.stringify(toCloudEvent(published)),
    };
  }
  const event = toEventGridEvent(published);
  return {
    headers: { ...common, 'content-type': 'application/json; charset=utf-8', 'aeg-data-version': event.dataVersion },
    body: JSON.stringify([event]),
  };
}
