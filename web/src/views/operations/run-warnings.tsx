import type { JSX } from 'preact';
import type { RunRecord, Warning } from '../../api/types.ts';
import { formatCount } from '../../format.ts';

/** What the jobs of a run warn of, without having failed: by rule, with how many rows break it. */
export function RunWarnings({ run }: { readonly run: RunRecord }): JSX.Element | null {
  const warnings = Object.values(run.steps).flatMap((step) => step.warnings ?? []);
  if (warnings.length === 0) return null;
  return (
    <details class="trouble" open>
      <summary>{warnings.length === 1 ? 'One warning' : `${formatCount(warnings.length)} warnings`}</summary>
      <ul>
        {warnings.map((warning) => (
          <li key={`${nameOf(warning)} ${warning.message ?? ''}`}>
            {warning.rows !== undefined && `${formatCount(warning.rows)} × `}
            {nameOf(warning)}
            {warning.message !== undefined && <code class="example">{warning.message}</code>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function nameOf({ rule, column }: Warning): string {
  return column === undefined ? rule : `${rule} of ${column}`;
}
