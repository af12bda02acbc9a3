import type { Dataset } from '../connectors/connections.ts';
import { DefinitionError, objectField, optionalBoolean, optionalString } from '../definitions/json.ts';
import type { DelimitedFormat } from './read-delimited.ts';

/** How a DelimitedText dataset is written. */
export function delimitedFormat({ name, properties }: Dataset): DelimitedFormat {
  const encoding = optionalString(properties, 'encodingName') ?? 'UTF-8';
  if (!/^utf-?8( without bom)?$/i.test(encoding)) {
    throw new DefinitionError(`Dataset '${name}': only UTF-8 is emulated, not ${encoding}.`);
  }
  const quote = optionalString(properties, 'quoteChar') ?? '"';
  return {
    delimiter: optionalString(properties, 'columnDelimiter') ?? ',',
    quote,
    escapeWith: optionalString(properties, 'escapeChar') ?? '\\',
    firstRowAsHeader: optionalBoolean(properties, 'firstRowAsHeader') ?? false,
    nullValue: optionalString(properties, 'nullValue') ?? '',
    rowDelimiter: optionalString(properties, 'rowDelimiter') ?? '\r\n',
  };
}

/** `gzip`, or nothing when files are not compressed. */
export function compressionOf({ name, type, properties }: Dataset): 'gzip' | undefined {
  if (type === 'Parquet') return undefined; // compressed inside
  const codec =
    optionalString(properties, 'compressionCodec') ?? optionalString(objectField(properties, 'compression'), 'type');
  if (codec === undefined || codec === '' || /^none$/i.test(codec)) return undefined;
  if (/^gzip$/i.test(codec)) return 'gzip';
  throw new DefinitionError(`Dataset '${name}': compression by ${codec} is not emulated; use gzip.`);
}
