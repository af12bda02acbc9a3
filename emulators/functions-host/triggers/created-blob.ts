/**
 * The blob that an event of Event Grid says was written, in the Event Grid or the CloudEvents schema; undefined for other
 * events.
 * Source: "Azure Blob Storage as an Event Grid source".
 */
export function createdBlob(event: unknown): { readonly container: string; readonly name: string } | undefined {
  const { eventType, type, subject } = (event ?? {}) as { eventType?: unknown; type?: unknown; subject?: unknown };
  if ((eventType ?? type) !== 'Microsoft.Storage.BlobCreated' || typeof subject !== 'string') {
    return undefined;
  }
  const [, container, name] = /\/containers\/([^/]+)\/blobs\/(.+)$/s.exec(subject) ?? [];
  return container === undefined || name === undefined ? undefined : { container, name };
}
