import { describe, expect, test } from '@jest/globals';
import { decodeMessage, encodeMessage } from '../../../../emulators/functions-host/storage/message-encoding.ts';
import { storageAccount } from '../../../../emulators/functions-host/storage/storage-account.ts';
import { elements, elementText, escapeXml } from '../../../../emulators/functions-host/storage/xml.ts';

const key = Buffer.from('secret').toString('base64');

describe('a connection', () => {
  test('to an account names the endpoints of its services', () => {
    const value = `DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=${key};EndpointSuffix=core.windows.net`;
    expect(storageAccount('Files', { Files: value })).toMatchObject({
      name: 'acc',
      blobEndpoint: 'https://acc.blob.core.windows.net',
      queueEndpoint: 'https://acc.queue.core.windows.net',
    });
  });

  test('to the emulator is short', () => {
    const account = storageAccount('', { AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
    expect(account).toMatchObject({
      name: 'devstoreaccount1',
      queueEndpoint: 'http://127.0.0.1:10001/devstoreaccount1',
    });
  });

  test('is found with the prefix AzureWebJobs, too, and may be a shared access signature', () => {
    const value = 'BlobEndpoint=https://acc.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=x';
    expect(storageAccount('Files', { AzureWebJobsFiles: value })).toMatchObject({ name: 'acc', sas: 'sv=1&sig=x' });
  });

  test.each([
    [{}, 'the connection "Files" does not exist'],
    [{ Files: '' }, 'the connection "Files" does not exist'],
    [{ Files__accountName: 'acc' }, 'uses an identity (Files__accountName), which this host does not serve'],
    [{ AzureWebJobsFiles__blobServiceUri: 'https://x' }, 'uses an identity (Files__blobServiceUri)'],
    [{ Files: 'nonsense' }, 'it has no AccountName'],
    [{ Files: 'AccountName=acc' }, 'neither AccountKey nor SharedAccessSignature'],
    [{ Files: `AccountName=acc;AccountKey=${key};BlobEndpoint=nowhere` }, 'an endpoint is no URL'],
  ])('with the settings %j is refused: %s', (environment, message) => {
    expect(() => storageAccount('Files', environment)).toThrow(message);
  });

  test('that is refused does not show its value', () => {
    expect(() => storageAccount('Files', { Files: `AccountKey=${key}` })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key) }),
    );
  });
});

test('a message is Base64 or plain, as host.json says, and what is not so is told apart', () => {
  expect(encodeMessage('grüß', 'base64')).toBe('Z3LDvMOf');
  expect(decodeMessage('Z3LDvMOf', 'base64')?.toString()).toBe('grüß');
  expect(decodeMessage('not base64', 'base64')).toBeUndefined();
  expect(encodeMessage(Buffer.from('plain'), 'none')).toBe('plain');
  expect(decodeMessage('not base64', 'none')?.toString()).toBe('not base64');
});

test('XML keeps what is special in it', () => {
  const text = `a <b> & "c" 'd'`;
  expect(elementText(`<T>${escapeXml(text)}</T>`, 'T')).toBe(text);
  expect(elementText('<T>&#x41;&#66;&amp;lt;</T>', 'T')).toBe('AB&lt;');
  expect(elements('<L><B x="1">1</B><B>2</B></L>', 'B')).toEqual(['1', '2']);
  expect(elementText('<T></T>', 'T')).toBeUndefined();
});
