/**
 * Figures of every column over all rows, by aggregation in SQL: memory does not grow with the file.
 */
import type { Source } from '../source.ts';
import type { SourceColumn } from '../source-columns.ts';
import { sqlName } from '../sql.ts';
import type { TextLengths } from './inspection.ts';

export type ColumnStatistics = SourceColumn & {
  /** Cells that are neither null nor blank. */
  readonly filled: number;
  readonly distinct: number;
  /** Whether `distinct` was counted; else it is HyperLogLog's estimate, a few per cent off. */
  readonly distinctExact: boolean;
  readonly lengths: TextLengths;
  /** Mean characters of a filled cell. */
  readonly meanLength: number;
};

/** Columns asked for in one query; each adds several aggregates. */
const COLUMNS_A_QUERY = 40;
/** Counting exactly is cheap up to here, and near one value a row (is it an identifier?). */
const EXACT_DISTINCT = 20_000;

/** What a cell reads as text; binary cells are not text. */
export function cellText(column: SourceColumn): string {
  return isBinary(column) ? `''` : `CAST(${sqlName(column.name)} AS VARCHAR)`;
}

export function isBinary(column: SourceColumn): boolean {
  return /^(BLOB|BYTEA|BIT)/.test(column.type) || /BLOB/.test(column.type);
}

/** @param relation - `rows`, or a subquery of it in brackets */
export async function columnStatistics(
  source: Source,
  columns: readonly SourceColumn[],
  relation: string,
): Promise<{ readonly rows: number; readonly columns: readonly ColumnStatistics[] }> {
  const counted = await source.query(`SELECT count(*) AS n FROM ${relation}`);
  const rows = Number(counted[0]!.n);
  const statistics: ColumnStatistics[] = [];
  for (let from = 0; from < columns.length; from += COLUMNS_A_QUERY) {
    const part = columns.slice(from, from + COLUMNS_A_QUERY);
    const [row] = await source.query(`SELECT ${part.map(aggregates).join(', ')} FROM ${relation}`);
    part.forEach((column, i) => {
      statistics.push(read(column, row!, i));
    });
  }
  const exact = await Promise.all(
    statistics.map((column) => withExactDistinct(source, column, rows, relation)),
  );
  return { rows, columns: exact };
}

function aggregates(column: SourceColumn, i: number): string {
  const name = sqlName(column.name);
  if (isBinary(column)) return `count(${name}) AS filled${i}, 0 AS distinct${i}`;
  const text = cellText(column);
  const filled = `${name} IS NOT NULL AND trim(${text}) <> ''`;
  const length = `length(${text})`;
  return [
    `count(*) FILTER (${filled}) AS filled${i}`,
    `approx_count_distinct(${text}) FILTER (${filled}) AS distinct${i}`,
    `approx_quantile(${length}, [0.5, 0.9, 0.99]) FILTER (${filled}) AS quantiles${i}`,
    `max(${length}) FILTER (${filled}) AS longest${i}`,
    `avg(${length}) FILTER (${filled}) AS mean${i}`,
  ].join(', ');
}

function read(column: SourceColumn, row: Readonly<Record<string, unknown>>, i: number): ColumnStatistics {
  const quantiles = Array.isArray(row[`quantiles${i}`]) ? (row[`quantiles${i}`] as number[]) : [];
  return {
    ...column,
    filled: Number(row[`filled${i}`]),
    distinct: Math.min(Number(row[`distinct${i}`]), Number(row[`filled${i}`])),
    distinctExact: false,
    lengths: {
      median: Math.round(Number(quantiles[0] ?? 0)),
      p90: Math.round(Number(quantiles[1] ?? 0)),
      p99: Math.round(Number(quantiles[2] ?? 0)),
      longest: Number(row[`longest${i}`] ?? 0),
    },
    meanLength: Number(row[`mean${i}`] ?? 0),
  };
}

async function withExactDistinct(
  source: Source,
  column: ColumnStatistics,
  rows: number,
  relation: string,
): Promise<ColumnStatistics> {
  const nearlyUnique =
    column.distinct > column.filled * 0.9 && column.lengths.p99 <= 64 && column.filled === rows;
  const few = column.distinct <= EXACT_DISTINCT && column.meanLength <= 1000;
  if (column.filled === 0 || isBinary(column) || !(nearlyUnique || few)) return column;
  const text = cellText(column);
  const [row] = await source.query(
    `SELECT count(DISTINCT ${text}) AS n FROM ${relation} WHERE ${text} IS NOT NULL AND trim(${text}) <> ''`,
  );
  return { ...column, distinct: Number(row!.n), distinctExact: true };
}
