/**
 * Parquet files into the table `rows`, with the types that they have.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';
import type { SourceFile } from './source-files.ts';
import { sqlName, sqlText } from './sql.ts';

/** The columns of the file with their DuckDB types. */
export async function parquetColumns(
  connection: DuckDBConnection,
  file: SourceFile,
): Promise<{ name: string; type: string }[]> {
  try {
    const result = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${sqlText(file.path)})`,
    );
    return result
      .getRowObjectsJS()
      .map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  } catch (cause) {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/format-broken',
      `${file.path} is no Parquet file that can be read: ${firstLine(cause)}`,
      { details: { path: file.path }, cause },
    );
  }
}

/**
 * @param columns - for each column of the table, in order: the file's column that fills it, or undefined
 */
export async function loadParquet(
  connection: DuckDBConnection,
  table: string,
  file: SourceFile,
  columns: readonly { readonly key: string | undefined; readonly type: string }[],
): Promise<void> {
  const cells = columns.map(({ key, type }) =>
    key === undefined ? 'NULL' : `CAST(${sqlName(key)} AS ${type})`,
  );
  await connection.run(
    `INSERT INTO ${table} SELECT ${cells.join(', ')}, ${sqlText(file.path)}, file_row_number + 1
     FROM read_parquet(${sqlText(file.path)}, file_row_number = true)`,
  );
}

function firstLine(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause).split('\n', 1)[0]!;
}
