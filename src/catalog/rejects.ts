/**
 * Rows that were set aside: which, where and why. Kept in a DuckDB table, so that a file that is all bad rows costs no
 * more memory than a good one.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { CSV_FAULTS } from './csv-records.ts';
import { EVENT_FAULTS } from './events/event-faults.ts';

/** Why a row is set aside; each with the sentence that goes to the rejects file. */
export const REJECT_REASONS = {
  ...CSV_FAULTS,
  'ragged-row': 'the row has more or fewer cells than the header',
  'malformed-json': 'the line is not JSON',
  'not-an-object': 'the line is JSON, but not an object',
  'missing-id': 'the cell of the id column is empty',
  'duplicate-id': 'an earlier row has the same id',
  'empty-product': 'every input of the product is empty',
  'unknown-side': 'the split column says neither train, dev nor test',
  'copy-on-other-side': 'it is the same product as one of the dev or test side, or nearly so',
  'broken-media': 'a picture or sound of the product cannot be read; the product is used without it',
  'unknown-product': 'no product has the id of this attribute row',
  ...EVENT_FAULTS,
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

export type Reject = {
  readonly file: string;
  /** 1-based, counting data rows; undefined where rows cannot be counted. */
  readonly row: number | undefined;
  /** 1-based physical line of a text file. */
  readonly line?: number | undefined;
  readonly reason: RejectReason;
  /** What exactly, e.g. "3 cells expected, 2 found". */
  readonly detail?: string | undefined;
  /** The start of the row as it stands in the file, when it could not be kept otherwise. */
  readonly raw?: string | undefined;
};

/** From a row of the table `rejects`. */
export function rejectOf({
  file,
  row,
  line,
  reason,
  detail,
  raw,
}: Readonly<Record<string, unknown>>): Reject {
  return {
    file: String(file),
    row: (row ?? undefined) as number | undefined,
    line: (line ?? undefined) as number | undefined,
    reason: reason as RejectReason,
    detail: (detail ?? undefined) as string | undefined,
    raw: (raw ?? undefined) as string | undefined,
  };
}

/** Rejected rows by reason; reasons that did not occur are absent. */
export type RejectCounts = Readonly<Partial<Record<RejectReason, number>>>;

const BATCH = 1000;

/** Appends to the table `rejects` of a connection's database. */
export class RejectLog {
  readonly #connection: DuckDBConnection;
  #pending: Reject[] = [];

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async create(connection: DuckDBConnection): Promise<RejectLog> {
    await connection.run(
      'CREATE TABLE rejects (file VARCHAR, row BIGINT, line BIGINT, reason VARCHAR, detail VARCHAR, raw VARCHAR)',
    );
    return new RejectLog(connection);
  }

  async add(reject: Reject): Promise<void> {
    this.#pending.push(reject);
    if (this.#pending.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const appender = await this.#connection.createAppender('rejects');
    for (const { file, row, line, reason, detail, raw } of pending) {
      appender.appendVarchar(file);
      for (const number of [row, line]) {
        if (number === undefined) appender.appendNull();
        else appender.appendBigInt(BigInt(number));
      }
      for (const text of [reason, detail, raw]) {
        if (text === undefined) appender.appendNull();
        else appender.appendVarchar(text);
      }
      appender.endRow();
    }
    appender.closeSync();
  }
}
