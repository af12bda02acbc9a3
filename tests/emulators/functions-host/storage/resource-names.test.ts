import { describe, expect, test } from '@jest/globals';
import {
  blobName,
  containerName,
  queueName,
  tableName,
} from '../../../../emulators/functions-host/storage/resource-names.ts';

describe('a name of a resource of Storage', () => {
  test.each([
    [queueName, 'my-queue-1'],
    [queueName, `${'q'.repeat(56)}-poison`],
    [containerName, '$web'],
    [containerName, 'abc'],
    [tableName, 'Rows1'],
    [blobName, 'a/b/..c/d.. /.e'],
    [blobName, 'x'],
  ])('%p takes %s', (check, name) => {
    expect(check(name)).toBe(name);
  });

  test.each([
    [queueName, 'Upper'],
    [queueName, 'a--b'],
    [queueName, 'ends-'],
    [queueName, 'queue/messages'],
    [queueName, '../other'],
    [containerName, 'ab'],
    [containerName, '..'],
    [containerName, '$other'],
    [tableName, '1rows'],
    [tableName, "rows(PartitionKey='a')"],
    [blobName, ''],
    [blobName, '../other/secret'],
    [blobName, 'a/./b'],
    [blobName, 'x'.repeat(1025)],
  ])('%p refuses %s', (check, name) => {
    expect(() => check(name)).toThrow('is no valid name');
  });
});
