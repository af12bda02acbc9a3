import { getKept, type Kept } from '../../api/last-insights.ts';
import type { InsightEntry, InsightPage, Row } from '../../api/types.ts';

/** The rows of an insight, as many as are shown at once. */
export interface InsightRows {
  readonly rows: readonly Row[];
  readonly version: number;
  readonly publishedAt: string | null;
  /** There are more rows than are shown. */
  readonly more: boolean;
}

export type Filters = Readonly<Record<string, string>>;

const PAGE = 1000;
const MOST_PAGES = 5;

/**
 * Loads the rows that match, page by page. Without a network the rows that were kept are filtered here, so that filters go on
 * working over what is at hand.
 */
export async function loadRows(entry: InsightEntry, filters: Filters): Promise<Kept<InsightRows>> {
  try {
    return await loadPages(entry, filters);
  } catch (error) {
    if (!(error instanceof TypeError) || Object.keys(filters).length === 0) throw error;
    const whole = await loadPages(entry, {});
    return { ...whole, value: { ...whole.value, rows: whole.value.rows.filter((row) => matches(row, filters)) } };
  }
}

async function loadPages(entry: InsightEntry, filters: Filters): Promise<Kept<InsightRows>> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  for (let pages = 0; ; pages++) {
    const query = new URLSearchParams({ ...filters, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
    const page: Kept<InsightPage> = await getKept<InsightPage>(`${entry.href}?${query}`);
    rows.push(...page.value.items);
    cursor = page.value.next;
    if (cursor !== null && pages + 1 < MOST_PAGES) continue;
    const { version, publishedAt } = page.value;
    const value = { rows, version, publishedAt, more: cursor !== null };
    return page.keptAt === undefined ? { value } : { value, keptAt: page.keptAt };
  }
}

/** Whether a row has the values that the filters ask for. */
export function matches(row: Row, filters: Filters): boolean {
  return Object.entries(filters).every(([name, value]) => String(row[name]) === value);
}

/** The values of a column, in order, for choosing among; undefined when they are too many for a list. */
export function choicesOf(rows: readonly Row[], name: string): readonly string[] | undefined {
  const values = [...new Set(rows.map((row) => row[name]))].filter((value) => value !== null && value !== undefined);
  if (values.length > 400) return undefined;
  const numeric = values.every((value) => typeof value === 'number');
  return values
    .sort((a, b) => (numeric ? Number(a) - Number(b) : String(a).localeCompare(String(b), 'en')))
    .map(String);
}
