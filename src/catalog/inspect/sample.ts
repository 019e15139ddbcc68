/**
 * A sample of rows for the checks that read texts one by one. It is drawn by a hash of the row's place, so two runs
 * look at the same rows, and sized by bytes, so that long descriptions do not fill the memory.
 */
import type { Source } from '../source.ts';
import { sqlName } from '../sql.ts';
import { type ColumnStatistics, cellText, isBinary } from './column-statistics.ts';

export type Sample = {
  /** A row by column name; an empty cell is absent. */
  readonly rows: readonly ReadonlyMap<string, string>[];
  /** Row ids in `rows`, to join with labels. */
  readonly ids: readonly number[];
  /** A row is in when `hash(rowid) % 1000000` is below this. */
  readonly threshold: number;
  /** Whether it holds every row. */
  readonly complete: boolean;
};

const MOST_ROWS = 20_000;
const MOST_CHARACTERS = 24_000_000;
/** What of a cell is looked at. */
const CELL_CHARACTERS = 4000;

export async function sampleRows(
  source: Source,
  columns: readonly ColumnStatistics[],
  relation: string,
  total: number,
): Promise<Sample> {
  const readable = columns.filter((column) => !isBinary(column) && column.filled > 0);
  const rowCharacters = readable.reduce(
    (sum, { meanLength, filled }) =>
      sum + (Math.min(meanLength, CELL_CHARACTERS) * filled) / Math.max(1, total),
    1,
  );
  const wanted = Math.max(500, Math.min(MOST_ROWS, Math.floor(MOST_CHARACTERS / rowCharacters)));
  const complete = total <= wanted;
  const threshold = complete ? 1_000_000 : Math.ceil((wanted / total) * 1_000_000);
  const cells = readable.map(
    (column, i) => `substr(${cellText(column)}, 1, ${CELL_CHARACTERS}) AS ${sqlName(`c${i}`)}`,
  );
  const sql = `SELECT rowid AS id${cells.map((cell) => `, ${cell}`).join('')} FROM ${relation}
    WHERE hash(rowid) % 1000000 < ${threshold} ORDER BY rowid`;
  const rows: ReadonlyMap<string, string>[] = [];
  const ids: number[] = [];
  for await (const chunk of source.stream(sql)) {
    for (const row of chunk) {
      const values = new Map<string, string>();
      readable.forEach(({ name }, i) => {
        const value = row[`c${i}`];
        if (typeof value === 'string' && value.trim() !== '') values.set(name, value);
      });
      rows.push(values);
      ids.push(Number(row.id));
    }
  }
  return { rows, ids, threshold, complete };
}

/** The filled cells of one column of the sample. */
export function cellsOf(sample: Sample, column: string): string[] {
  return sample.rows.flatMap((row) => {
    const value = row.get(column);
    return value === undefined ? [] : [value];
  });
}
