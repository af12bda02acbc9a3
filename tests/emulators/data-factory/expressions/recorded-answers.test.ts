import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  type EvaluationContext,
  ExpressionError,
  evaluateText,
  isObject,
  parseJson,
  type Value,
  writeJson,
} from '../../../../emulators/data-factory/expressions/index.ts';

/**
 * What Microsoft's own engine answered (in .NET's invariant mode). Read by the evaluator's JSON reader, so that an
 * integer and a float stay different things.
 */
const [head, ...cases] = parseJson(
  readFileSync(join(import.meta.dirname, 'data-factory-expressions.json'), 'utf8'),
) as readonly Readonly<Record<string, Value>>[];

const context = contextOf((head as { context: Readonly<Record<string, Value>> }).context);

function contextOf(recorded: Readonly<Record<string, Value>>): EvaluationContext {
  const part = (name: string) => {
    const value = recorded[name] ?? null;
    if (!isObject(value)) throw new Error(`the recorded context has no ${name}`);
    return value;
  };
  return {
    pipeline: { ...part('system'), parameters: part('parameters'), globalParameters: part('globalParameters') },
    variables: part('variables'),
    activities: part('activities'),
    item: part('item'),
    now: () => new Date('2026-03-15T10:20:30Z'),
    globalization: 'invariant',
  };
}

function answer(expression: string, globalization: 'windows' | 'invariant' = 'invariant'): Value {
  try {
    return evaluateText(expression, { ...context, globalization });
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.message };
    throw error;
  }
}

describe('the evaluator gives the answer of the real engine', () => {
  test('there are 212 recorded answers', () => {
    expect(cases).toHaveLength(212);
  });

  for (const { expr, result, error } of cases) {
    const expression = String(expr);
    test(`${JSON.stringify(expression)}`, () => {
      const actual = answer(expression);
      if (error !== undefined) {
        // The recording cut long messages off.
        expect(actual).toEqual({ error: expect.stringContaining(String(error)) });
      } else if (/^@guid\(/.test(expression)) {
        expect(actual).toMatch(/^[0-9a-f]{32}$/);
      } else {
        expect(writeJson(actual)).toBe(writeJson(result ?? null));
      }
    });
  }

  test('on Windows, as the service runs, only zone ids and letters beyond ASCII are answered otherwise', () => {
    const differing = cases
      .map(({ expr }) => String(expr))
      .filter((expression) => !/^@(guid|rand)\(/.test(expression))
      .filter(
        (expression) =>
          JSON.stringify(show(answer(expression))) !== JSON.stringify(show(answer(expression, 'windows'))),
      );
    expect(differing.map((expression) => [expression, show(answer(expression, 'windows'))])).toEqual([
      [
        "@convertFromUtc('2026-07-01T08:00:00.0000000Z','W. Europe Standard Time','yyyy-MM-dd HH:mm')",
        '2026-07-01 10:00',
      ],
      ["@convertTimeZone('2026-07-01T08:00:00','Pacific Standard Time','UTC')", '2026-07-01T15:00:00.0000000Z'],
      ["@toLower('ÅÄÖ')", 'åäö'],
    ]);
  });
});

function show(value: Value): unknown {
  return typeof value === 'bigint' ? String(value) : typeof value === 'object' ? writeJson(value) : value;
}
