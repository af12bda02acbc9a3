import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Finding, Path } from './finding.ts';

/** A place in a text, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text, and where in it each value stands. */
export interface YamlSource {
  readonly value: unknown;
  /** What keeps it from being YAML, each with its place. */
  readonly errors: readonly (Place & { readonly message: string })[];
  place(finding: Pick<Finding, 'path' | 'on'>): Place;
}

/** Parses YAML 1.2, core schema. */
export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return {
    value: document.errors.length > 0 ? undefined : (document.toJS() as unknown),
    errors: document.errors.map((error) => ({
      ...placeAt(error.pos[0]),
      message:
        error.code === 'DUPLICATE_KEY'
          ? `'${/^[\w-]*/.exec(text.slice(error.pos[0]))?.[0]}' is given twice; keep one.`
          : `This is not YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}.`,
    })),
    place: ({ path, on }) => placeAt(offsetOf(document, path, on)),
  };
}

/** Offset of what stands at a path; of a value that is left empty, that of its key. */
function offsetOf(document: Document.Parsed, path: Path, on: Finding['on']): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    let key: unknown;
    if (isMap(holder)) {
      const pair = holder.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      key = pair?.key;
      node = pair?.value;
    } else if (isSeq(holder) && typeof part === 'number') node = holder.items[part];
    else return offset;
    const target = isAlias(node) ? node.resolve(document) : node;
    const last = index === path.length - 1;
    offset = (last && on === 'key' ? startOf(key) : (startOf(target) ?? startOf(key))) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const isEmpty = isScalar(node) && node.value === null && (node.source ?? '') === '';
  return isEmpty ? undefined : node.range[0];
}
