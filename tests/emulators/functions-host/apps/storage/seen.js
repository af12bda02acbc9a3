import { app } from '@azure/functions';

const seen = [];

/** Remembers what a function was called with, for `GET /api/seen`. */
export function see(name, value, context) {
  seen.push({ name, value: Buffer.isBuffer(value) ? value.toString() : value, metadata: context.triggerMetadata });
}

app.http('seen', { authLevel: 'anonymous', handler: () => ({ jsonBody: seen }) });
