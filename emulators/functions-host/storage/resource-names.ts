/**
 * Checks of names that may come from a message or a request: a name that is none must not become another path of the account.
 * Source: "Naming and referencing containers, blobs, and metadata", "Naming queues and metadata", "Understanding the Table
 * service data model".
 */

function checked(name: string, isValid: boolean, what: string): string {
  if (!isValid) {
    throw new RangeError(`"${name}" is no valid name of a ${what}`);
  }
  return name;
}

const lowerCaseName = /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62}$/;

export function isQueueName(name: string): boolean {
  return lowerCaseName.test(name);
}

/** @throws RangeError when it is no name of a queue. */
export function queueName(name: string): string {
  return checked(name, isQueueName(name), 'queue');
}

/** @throws RangeError when it is no name of a container. */
export function containerName(name: string): string {
  return checked(name, lowerCaseName.test(name) || /^\$(root|web|logs)$/.test(name), 'blob container');
}

/** @throws RangeError when it is no name of a table. */
export function tableName(name: string): string {
  return checked(name, /^[a-z][a-z0-9]{2,62}$/i.test(name), 'table');
}

/** Whether it is neither empty nor too long, and has no segment that means another path. */
export function isBlobName(name: string): boolean {
  return name.length > 0 && name.length <= 1024 && !name.split('/').some((part) => part === '.' || part === '..');
}

/** @throws RangeError when it is no name of a blob. */
export function blobName(name: string): string {
  return checked(name, isBlobName(name), 'blob');
}
