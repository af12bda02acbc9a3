import { ExpressionError } from '../expression-error.ts';
import { parseJson } from '../json-text.ts';
import { isArray, isObject, type Value } from '../value.ts';
import { evaluateXPath } from '../xml/evaluate-xpath.ts';
import { parseXml } from '../xml/parse-xml.ts';
import { type Builtin, expectCount, expectString, wrongType } from './arguments.ts';
import { textOf } from './text-of.ts';

const OCTETS = 'application/octet-stream';
const XML = 'application/xml;charset=utf-8';

function binary(bytes: Buffer | string, contentType = OCTETS): Value {
  return { '$content-type': contentType, $content: Buffer.from(bytes).toString('base64') };
}

/** The bytes of a string, or of what `binary` and its kin give. */
function bytesOf(name: string, value: Value | undefined): Buffer {
  if (value !== undefined && value !== null && isObject(value) && typeof value.$content === 'string') {
    return Buffer.from(value.$content, 'base64');
  }
  return Buffer.from(expectString(name, value));
}

function fromBase64(name: string, text: string): Buffer {
  if (/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text) && text.replace(/\s/g, '').length % 4 === 0) {
    return Buffer.from(text, 'base64');
  }
  throw new ExpressionError(
    `The template language function '${name}' was invoked with a parameter that is not valid. The value cannot be decoded from base64 representation.`,
  );
}

function readDataUri(name: string, text: string): { readonly contentType: string; readonly bytes: Buffer } {
  const match = /^data:([^,]*?)(;base64)?,(.*)$/s.exec(text);
  if (match === null) {
    throw new ExpressionError(
      `The template language function '${name}' expects its parameter to be formatted as a valid data URI. The provided value '${text}' was not formatted correctly.`,
    );
  }
  const [, contentType = '', encoding, data = ''] = match;
  const bytes = encoding === undefined ? Buffer.from(decodeUri(data)) : fromBase64(name, data);
  return { contentType: contentType === '' ? 'text/plain;charset=us-ascii' : contentType, bytes };
}

/** As .NET's UrlDecode: `+` is a space, broken escapes stay as they are. */
function decodeUri(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8');
  });
}

/** As .NET's EscapeDataString: only letters, digits and - _ . ~ stay. */
function encodeUri(text: string): string {
  const hex = (letter: string): string => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** `int`, `float`, `decimal` and `bool` fail with the same words. */
function cannotConvert(name: string): ExpressionError {
  return new ExpressionError(
    `The template language function '${name}' was invoked with a parameter that is not valid. The value cannot be converted to the target type.`,
  );
}

function toInteger(args: readonly Value[]): bigint {
  expectCount('int', args, 1, 1);
  const [value = null] = args;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)) {
    const number = BigInt(value.trim().replace(/^\+/, ''));
    if (number === BigInt.asIntN(64, number)) return number;
  }
  throw cannotConvert('int');
}

function toFloat(name: 'float' | 'decimal'): Builtin {
  return (args) => {
    expectCount(name, args, 1, 1);
    const [value = null] = args;
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
    const isNumber = typeof value === 'string' && /^\s*[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(value);
    if (isNumber) return Number(value.replaceAll(',', ''));
    throw cannotConvert(name);
  };
}

function toBoolean(args: readonly Value[]): boolean {
  expectCount('bool', args, 1, 1);
  const [value = null] = args;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) !== 0;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (word === 'true' || word === 'false') return word === 'true';
  throw cannotConvert('bool');
}

function json(args: readonly Value[]): Value {
  expectCount('json', args, 1, 1);
  const [value = null] = args;
  if (isObject(value) && value.$content === undefined) return value;
  const text = bytesOf('json', value).toString('utf8');
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(
      `The template language function 'json' parameter is not valid. The provided value '${text}' cannot be parsed: '${error.message}'. Please see https://aka.ms/logicexpressions#json for usage details.`,
    );
  }
}

/** A function of one string. */
function ofString(name: string, convert: (text: string) => Value): Builtin {
  return (args) => {
    expectCount(name, args, 1, 1);
    return convert(expectString(name, args[0]));
  };
}

/** A function of one string or binary. */
function ofBytes(name: string, convert: (bytes: Buffer, contentType: string | undefined) => Value): Builtin {
  return (args) => {
    expectCount(name, args, 1, 1);
    const [value = null] = args;
    const type = isObject(value) ? value['$content-type'] : undefined;
    return convert(bytesOf(name, value), typeof type === 'string' ? type : undefined);
  };
}

export const conversionFunctions: Readonly<Record<string, Builtin>> = {
  array: (args) => {
    expectCount('array', args, 1, 1);
    const [value = null] = args;
    return isArray(value) ? value : [value];
  },
  createArray: (args) => {
    expectCount('createArray', args, 1, Number.POSITIVE_INFINITY);
    return args;
  },
  string: (args) => {
    expectCount('string', args, 1, 1);
    return textOf(args[0] ?? null);
  },
  int: toInteger,
  float: toFloat('float'),
  decimal: toFloat('decimal'),
  bool: toBoolean,
  json,
  base64: ofBytes('base64', (bytes) => bytes.toString('base64')),
  base64ToString: ofString('base64ToString', (text) => fromBase64('base64ToString', text).toString('utf8')),
  decodeBase64: ofString('decodeBase64', (text) => fromBase64('decodeBase64', text).toString('utf8')),
  base64ToBinary: ofString('base64ToBinary', (text) => binary(fromBase64('base64ToBinary', text))),
  binary: ofBytes('binary', (bytes) => binary(bytes)),
  dataUri: ofBytes(
    'dataUri',
    (bytes, type) => `data:${type ?? 'text/plain;charset=utf-8'};base64,${bytes.toString('base64')}`,
  ),
  dataUriToBinary: ofString('dataUriToBinary', (text) => {
    const { bytes, contentType } = readDataUri('dataUriToBinary', text);
    return binary(bytes, contentType);
  }),
  dataUriToString: ofString('dataUriToString', (text) => readDataUri('dataUriToString', text).bytes.toString('utf8')),
  decodeDataUri: ofString('decodeDataUri', (text) => readDataUri('decodeDataUri', text).bytes.toString('utf8')),
  decodeUriComponent: ofString('decodeUriComponent', decodeUri),
  encodeUriComponent: ofString('encodeUriComponent', encodeUri),
  uriComponent: ofString('uriComponent', encodeUri),
  uriComponentToBinary: ofString('uriComponentToBinary', (text) => binary(decodeUri(text))),
  uriComponentToString: ofString('uriComponentToString', decodeUri),
  xml: ofBytes('xml', (bytes) => {
    parseXml(bytes.toString('utf8'));
    return binary(bytes, XML);
  }),
  xpath: (args) => {
    expectCount('xpath', args, 2, 2);
    const [document = null, path] = args;
    if (!isObject(document)) throw wrongType('xpath', 'its first parameter to be an XML object', document);
    const result = evaluateXPath(parseXml(bytesOf('xpath', document).toString('utf8')), expectString('xpath', path));
    if (!Array.isArray(result)) return result;
    return result.map((node) => (node.kind === 'text' ? node.text : binary(node.xml, XML)));
  },
};
