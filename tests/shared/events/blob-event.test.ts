import { describe, expect, test } from '@jest/globals';
import { parseBlobCreated, parseBlobDeleted } from '../../../src/shared/events/blob-event.ts';

const data = {
  api: 'PutBlob',
  eTag: '0x8D4BCC2E4835CD0',
  contentLength: 524,
  sequencer: '0000000000000440',
  url: 'http://x/y',
};
const subject = '/blobServices/default/containers/landing/blobs/flights/2013-01.csv';
const eventGridEvent = {
  id: '1',
  topic: '/t',
  subject,
  eventType: 'Microsoft.Storage.BlobCreated',
  eventTime: '2026-01-01T00:00:00Z',
  data,
};
const cloudEvent = {
  id: '1',
  source: '/t',
  subject,
  type: 'Microsoft.Storage.BlobCreated',
  time: '2026-01-01T00:00:00Z',
  specversion: '1.0',
  data,
};

describe('a BlobCreated event', () => {
  test('means the same in the Event Grid and the CloudEvents schema', () => {
    const expected = {
      container: 'landing',
      path: 'flights/2013-01.csv',
      etag: '0x8D4BCC2E4835CD0',
      size: 524,
      sequencer: '0000000000000440',
      landedAt: '2026-01-01T00:00:00Z',
    };
    expect(parseBlobCreated(eventGridEvent)).toEqual(expected);
    expect(parseBlobCreated(cloudEvent)).toEqual(expected);
  });

  test.each(['CreateFile', 'AppendFile', 'FlushFile'])('of the unfinished write %s is passed over', (api) => {
    expect(parseBlobCreated({ ...eventGridEvent, data: { ...data, api } })).toBeUndefined();
  });

  test('of another type is passed over', () => {
    expect(parseBlobCreated({ ...eventGridEvent, eventType: 'Microsoft.Storage.BlobDeleted' })).toBeUndefined();
  });

  test('without an eTag is refused by name', () => {
    expect(() => parseBlobCreated({ ...eventGridEvent, data: { ...data, eTag: undefined } })).toThrow(
      'eTag is missing',
    );
  });

  test('keeps spaces and slashes of the path', () => {
    expect(
      parseBlobCreated({ ...eventGridEvent, subject: '/blobServices/default/containers/landing/blobs/a b/blobs/c.csv' })
        ?.path,
    ).toBe('a b/blobs/c.csv');
  });
});

describe('a BlobDeleted event', () => {
  const deletion = { ...data, api: 'DeleteBlob', eTag: undefined, contentLength: undefined };

  test('gives the same deletion in either schema', () => {
    const expected = {
      ...{ container: 'landing', path: parseBlobCreated(eventGridEvent)?.path, sequencer: data.sequencer },
      deletedAt: eventGridEvent.eventTime,
    };
    const eventType = 'Microsoft.Storage.BlobDeleted';
    expect(parseBlobDeleted({ ...eventGridEvent, eventType, data: deletion })).toEqual(expected);
    expect(parseBlobDeleted({ ...cloudEvent, type: eventType, data: deletion })).toMatchObject(expected);
    expect(parseBlobDeleted({ ...eventGridEvent, eventType, data: { ...deletion, api: 'DeleteFile' } })).toEqual(
      expected,
    );
  });

  test('is nothing when it tells of a write, of a directory or of another service', () => {
    expect(parseBlobDeleted(eventGridEvent)).toBeUndefined();
    expect(parseBlobDeleted({ ...eventGridEvent, eventType: 'Microsoft.Storage.BlobTierChanged' })).toBeUndefined();
    const api = 'LifecycleTier';
    const event = { ...eventGridEvent, eventType: 'Microsoft.Storage.BlobDeleted', data: { ...deletion, api } };
    expect(parseBlobDeleted(event)).toBeUndefined();
  });
});
