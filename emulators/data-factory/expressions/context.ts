import type { ObjectValue, Value } from './value.ts';

/** What expressions may look at. What is left out does not exist in that place (a trigger has no variables). */
export interface EvaluationContext {
  /** `pipeline()`: its system variables at the top, `parameters` and `globalParameters` in it. */
  readonly pipeline?: ObjectValue;
  readonly variables?: ObjectValue;
  /** What `activity('name')` gives, by name; names are found whatever their case. */
  readonly activities?: ObjectValue;
  /** The element of the innermost ForEach or Filter. */
  readonly item?: Value;
  readonly trigger?: ObjectValue;
  readonly dataset?: ObjectValue;
  readonly linkedService?: ObjectValue;
  /** The clock of `utcNow()` and its kin. */
  readonly now?: () => Date;
  /**
   * The service runs on Windows: its zone ids count, and letters of all alphabets have cases. `invariant` is .NET's
   * mode without cultures, in which the engine's recorded answers were given: IANA ids and ASCII's cases only.
   */
  readonly globalization?: 'windows' | 'invariant';
}
