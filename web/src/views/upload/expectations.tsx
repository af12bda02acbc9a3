import type { JSX } from 'preact';
import type { DatasetEntry } from '../../api/types.ts';

/** What each dataset expects, for whoever prepares a file. */
export function Expectations({ datasets }: { readonly datasets: readonly DatasetEntry[] }): JSX.Element | null {
  if (datasets.length === 0) return null;
  return (
    <section aria-labelledby="expected-title" class="expectations">
      <h2 id="expected-title">What is expected</h2>
      {datasets.map(({ dataset, description, path, columns }) => (
        <details key={dataset} class="panel">
          <summary>
            <strong>{dataset}</strong> <code>{path}</code>
          </summary>
          <p>{description}</p>
          <ul class="columns-list">
            {columns.map(({ name, type, nullable, description: about }) => (
              <li key={name}>
                <code>{name}</code>{' '}
                <span class="muted">
                  {type}
                  {nullable ? '' : ', required'} · {about}
                </span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}
