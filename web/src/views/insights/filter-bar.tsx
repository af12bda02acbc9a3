import type { JSX } from 'preact';
import type { Row } from '../../api/types.ts';
import { Options } from '../../components/options.tsx';
import { humanize } from '../../format.ts';
import { choicesOf, type Filters } from './load-rows.ts';

interface FilterBarProps {
  readonly names: readonly string[];
  /** Rows whose values are offered. */
  readonly rows: readonly Row[];
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

/** The filters that an insight declares: a list of values where that is short enough, else a field. */
export function FilterBar({ names, rows, filters, onChange }: FilterBarProps): JSX.Element {
  const set = (name: string, value: string): void => {
    const { [name]: _, ...others } = filters;
    onChange(value === '' ? others : { ...others, [name]: value });
  };
  return (
    <>
      {names.map((name) => {
        const choices = choicesOf(rows, name);
        const value = filters[name] ?? '';
        return (
          <div class="field" key={name}>
            <label for={`filter-${name}`}>{humanize(name)}</label>
            {choices === undefined ? (
              <input
                id={`filter-${name}`}
                type="search"
                value={value}
                onChange={({ currentTarget }) => set(name, currentTarget.value.trim())}
              />
            ) : (
              <select
                id={`filter-${name}`}
                value={value}
                onChange={({ currentTarget }) => set(name, currentTarget.value)}
              >
                <option value="">All</option>
                <Options names={choices} />
              </select>
            )}
          </div>
        );
      })}
      {Object.keys(filters).length > 0 && (
        <button type="button" class="quiet" onClick={() => onChange({})}>
          Clear filters
        </button>
      )}
    </>
  );
}
