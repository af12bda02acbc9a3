import type { JSX } from 'preact';

/** The choices of a select, each under its own name. */
export function Options({ names }: { readonly names: readonly string[] }): JSX.Element {
  return (
    <>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </>
  );
}
