/** The data sets of pictures and sounds, each cut into training and test rows that share nothing. */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export type MultimodalSet = {
  readonly name: string;
  readonly file: string;
  /** SQL of the key whose equal values stay on one side. */
  readonly group: string;
  /** SQL: which rows are the test; `place` is a number in [0, 1) that the group's hash gives. */
  readonly test: string;
};

export const SETS = {
  myntra: {
    name: 'myntra',
    file: 'myntra-small/products.parquet',
    group: 'lower(title)',
    test: 'place < 0.15',
  },
  livostyle: {
    name: 'livostyle',
    file: 'livostyle/products.parquet',
    group: 'lower(title)',
    test: 'place < 0.2',
  },
  clothing: {
    name: 'clothing',
    file: 'clothing-small/images.parquet',
    group: 'path',
    test: "split = 'validation'",
  },
  digits: { name: 'digits', file: 'fsdd/recordings.parquet', group: 'path', test: '"index" % 5 = 0' },
} as const satisfies Record<string, MultimodalSet>;

export type Sides = {
  readonly train: string;
  readonly test: string;
  readonly trainRows: number;
  readonly testRows: number;
};

/**
 * Writes both sides as Parquet into `scratch`, with a column `group_key`.
 * @param limit - most training rows, chosen by hash; all when left out
 */
export async function split(
  data: string,
  scratch: string,
  { name, file, group, test }: MultimodalSet,
  limit?: number,
): Promise<Sides> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const path = (...parts: string[]) => `'${join(...parts).replaceAll("'", "''")}'`;
  const place = (key: string) => `CAST('0x' || substr(md5(${key}), 1, 8) AS UBIGINT) / 4294967296.0`;
  const rows = `SELECT *, ${group} AS group_key, ${place(group)} AS place FROM read_parquet(${path(data, file)})`;
  const write = async (side: string, condition: string, end: string) => {
    const to = join(scratch, `${name}-${side}.parquet`);
    await connection.run(
      `COPY (SELECT * EXCLUDE (place) FROM (${rows}) WHERE ${condition} ${end}) TO ${path(to)} (FORMAT parquet)`,
    );
    const count = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${path(to)})`);
    return [to, Number(count.getRows()[0]![0])] as const;
  };
  try {
    const few = limit === undefined ? '' : `ORDER BY ${place("group_key || 'few'")} LIMIT ${limit}`;
    const [train, trainRows] = await write('train', `NOT (${test})`, few);
    const [testFile, testRows] = await write('test', test, '');
    return { train, test: testFile, trainRows, testRows };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
