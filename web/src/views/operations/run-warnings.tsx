import type { JSX } from 'preact';
import type { RunRecord } from '../../api/types.ts';
import { formatCount } from '../../format.ts';
import { describeDrift, nameOf, warningsOf } from './describe-run.ts';

/** What the jobs of a run warn of, without having failed: by rule with how many rows break it, and columns that drift. */
export function RunWarnings({ run }: { readonly run: RunRecord }): JSX.Element | null {
  const warnings = warningsOf(run);
  const drift = run.drift ?? [];
  if (warnings.length + drift.length === 0) return null;
  return (
    <>
      {warnings.length > 0 && (
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
      )}
      {drift.length > 0 && (
        <details class="trouble" open>
          <summary>Columns that are not the contract's</summary>
          <ul>
            {drift.map((found) => (
              <li key={`${found.kind} ${found.source} ${found.action}`}>
                {describeDrift(found)}
                {found.examples.length > 0 && <code class="example">{found.examples.join(', ')}</code>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
