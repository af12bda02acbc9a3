import { accessorFunctions } from './accessors.ts';
import type { Builtin } from './arguments.ts';
import { collectionFunctions } from './collections.ts';
import { conversionFunctions } from './conversions.ts';
import { dateFunctions } from './dates.ts';
import { extraFunctions } from './extras.ts';
import { logicFunctions } from './logic.ts';
import { numberFunctions } from './numbers.ts';
import { stringFunctions } from './strings.ts';

const { decimal: _, ...conversions } = conversionFunctions;
const documented = {
  ...accessorFunctions,
  ...stringFunctions,
  ...collectionFunctions,
  ...logicFunctions,
  ...conversions,
  ...numberFunctions,
  ...dateFunctions,
};

const byLowerCaseName: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({ ...documented, ...conversionFunctions, ...extraFunctions }).map(([name, builtin]) => [
    name.toLowerCase(),
    builtin,
  ]),
);

/** The functions that Data Factory documents; the engine knows more, but its editor refuses those. */
export const DATA_FACTORY_FUNCTIONS: readonly string[] = [...Object.keys(documented), 'if', 'and', 'or'];

/** A function of the engine by its name, whatever its case. */
export function functionNamed(name: string): Builtin | undefined {
  return byLowerCaseName.get(name.toLowerCase());
}
