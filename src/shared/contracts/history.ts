import type { ColumnType, Contract } from './contract.ts';

/** A column that every version of a row has beside the contract's columns. */
export interface ValidityColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
}

/** From when until before when a version of a key holds: Kimball's type 2. `transforms/timeline.py` fills them. */
export const VALIDITY: readonly ValidityColumn[] = [
  { name: 'valid_from', type: 'timestamp', description: 'When this version begins to hold' },
  { name: 'valid_to', type: 'timestamp', description: 'When it no longer holds; 9999-12-31 where it still does' },
  { name: 'is_current', type: 'boolean', description: 'Whether it still holds' },
];

export function keepsHistory({ identity }: Contract): boolean {
  return identity.on_later_version === 'history';
}

/** The columns that the tables of a dataset have beside the contract's; none where no history is kept. */
export function validityColumns(contract: Contract): readonly ValidityColumn[] {
  return keepsHistory(contract) ? VALIDITY : [];
}
