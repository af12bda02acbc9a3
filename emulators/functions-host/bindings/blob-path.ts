import { HostSetupError } from '../core/errors.ts';
import { isBlobName } from '../storage/resource-names.ts';
import type { BindingData } from './binding-data.ts';
import { parseBindingExpression } from './binding-expression.ts';

/** Which blobs a blob trigger is for: a container, and a pattern that captures parts of the name. */
export interface BlobPathPattern {
  readonly container: string;
  /** What every name that can match starts with. */
  readonly prefix: string;
  /** The parts of a name that the pattern names; undefined when it does not match. */
  match(name: string): BindingData | undefined;
}

/** Splits `container/name` at the first slash. @throws RangeError when a half is missing. */
export function splitBlobPath(path: string): { readonly container: string; readonly name: string } {
  const slash = path.indexOf('/');
  if (slash <= 0 || slash === path.length - 1) {
    throw new RangeError(`a blob path must be "container/name", and is "${path}"`);
  }
  return { container: path.slice(0, slash), name: path.slice(slash + 1) };
}

/**
 * Reads the path of a blob trigger, such as `samples/{name}.{extension}`; each name takes as much as it can. A container alone
 * stands for all of its blobs.
 * Source: azure-webjobs-sdk, `Bindings/Path/BindingTemplateSource.cs`; azure-sdk-for-net,
 * `Microsoft.Azure.WebJobs.Extensions.Storage.Blobs/src/BlobPathSource.cs`.
 * @throws HostSetupError when it is malformed, or the container is not fixed.
 */
export function parseBlobPathPattern(path: string): BlobPathPattern {
  try {
    const trimmed = path.replace(/^\/+/, '');
    const { container, name } = trimmed.includes('/') ? splitBlobPath(trimmed) : { container: trimmed, name: '' };
    if (/[{}]/.test(container)) {
      throw new RangeError(`the container of "${path}" must not hold an expression`);
    }
    if (name === '') {
      return { container, prefix: '', match: (blobName) => (isBlobName(blobName) ? {} : undefined) };
    }
    const { parts } = parseBindingExpression(name);
    const names = parts.flatMap((part) => (part.kind === 'name' ? [part.name] : []));
    const pattern = parts.map((part) => (part.kind === 'text' ? escapePattern(part.text) : '(.*)')).join('');
    const matcher = new RegExp(`^${pattern}$`, 's');
    const [first] = parts;
    return {
      container,
      prefix: first?.kind === 'text' ? first.text : '',
      match: (blobName) => {
        const match = isBlobName(blobName) ? matcher.exec(blobName) : null;
        return match === null
          ? undefined
          : Object.fromEntries(names.map((key, index) => [key, match[index + 1] ?? '']));
      },
    };
  } catch (error) {
    throw new HostSetupError((error as Error).message, error);
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
