/**
 * Reads the pictures or sounds of a column and counts what came: missing, broken and for what reason, how large. What
 * reads them is handed in. A few cells are held at once, however many there are.
 */
import type { MediaKind } from '../media-reference.ts';
import type { MediaCell } from '../product.ts';
import { mediaCells } from '../product-reader.ts';
import type { Source } from '../source.ts';
import { sqlName } from '../sql.ts';
import type { MediaFaultReport, MediaReport } from './inspection.ts';

/** What came of one picture or sound. */
export type MediaReading = { readonly reference: string | undefined } & (
  | { readonly kind: 'image'; readonly width: number; readonly height: number }
  | { readonly kind: 'audio'; readonly seconds: number; readonly silent: boolean }
  | { readonly kind: 'address' }
  | { readonly kind: 'fault'; readonly code: string; readonly meaning: string; readonly reason: string }
);

export type MediaCheck = {
  /** Cells of a column that are read at most; which, a hash says. */
  readonly mostCells: number;
  /** Reads all that a cell names or holds. @param file - the catalog's, beside which paths start */
  readonly read: (cell: MediaCell, kind: MediaKind, file: string) => Promise<readonly MediaReading[]>;
};

export type MediaColumn = { readonly name: string; readonly kind: MediaKind; readonly binary: boolean };

const EXAMPLES = 5;
const AT_ONCE = 8;
/** Texts of a query; bytes come as few as are read at once. */
const TEXT_CELLS = 256;

/** @param onCell - called after each cell, with how many are done */
export async function mediaReport(
  source: Source,
  table: string,
  { name, kind, binary }: MediaColumn,
  check: MediaCheck,
  onCell: (done: number, total: number) => void = () => {},
): Promise<MediaReport> {
  const cell = sqlName(name);
  const filled = binary ? `${cell} IS NOT NULL` : `trim(CAST(${cell} AS VARCHAR)) <> ''`;
  const chosen = await source.query(
    `SELECT rowid::BIGINT AS id FROM ${table} WHERE ${filled} ORDER BY hash(rowid) LIMIT ${check.mostCells}`,
  );
  const ids = chosen.map(({ id }) => Number(id)).sort((a, b) => a - b);
  const tally = new Tally(kind);
  const step = binary ? AT_ONCE : TEXT_CELLS;
  for (let from = 0; from < ids.length; from += step) {
    const part = ids.slice(from, from + step);
    const rows = await source.query(
      `SELECT ${cell} AS cell, _file AS file, _row AS row FROM ${table}
       WHERE rowid BETWEEN ${part[0]} AND ${part.at(-1)} AND rowid IN (${part.join(', ')}) ORDER BY rowid`,
    );
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const some = rows.slice(at, at + AT_ONCE);
      const readings = await Promise.all(
        some.map(async (row) => {
          const cells = mediaCells(row.cell);
          return Promise.all(cells.map((one) => check.read(one, kind, String(row.file))));
        }),
      );
      some.forEach((row, i) => {
        tally.add(String(row.file), Number(row.row), readings[i]!.flat());
      });
      onCell(from + at + some.length, ids.length);
    }
  }
  return tally.report();
}

class Tally {
  readonly #kind: MediaKind;
  readonly #sizes: { readonly width: number; readonly height: number }[] = [];
  readonly #seconds: number[] = [];
  readonly #faults = new Map<
    string,
    { count: number; meaning: string; examples: MediaFaultReport['examples'][number][] }
  >();
  #looked = 0;
  #files = 0;
  #addresses = 0;
  #most = 0;
  #silent = 0;

  constructor(kind: MediaKind) {
    this.#kind = kind;
  }

  add(file: string, row: number, readings: readonly MediaReading[]): void {
    this.#looked++;
    this.#files += readings.length;
    this.#most = Math.max(this.#most, readings.length);
    for (const reading of readings) {
      if (reading.kind === 'address') this.#addresses++;
      else if (reading.kind === 'image') this.#sizes.push({ width: reading.width, height: reading.height });
      else if (reading.kind === 'audio') {
        this.#seconds.push(reading.seconds);
        if (reading.silent) this.#silent++;
      } else {
        const { code, meaning, reference, reason } = reading;
        const known = this.#faults.get(code) ?? { count: 0, meaning, examples: [] };
        known.count++;
        if (known.examples.length < EXAMPLES)
          known.examples.push({
            file,
            row,
            reference: reference?.slice(0, 200),
            reason: reason.slice(0, 500),
          });
        this.#faults.set(code, known);
      }
    }
  }

  report(): MediaReport {
    return {
      kind: this.#kind,
      looked: this.#looked,
      files: this.#files,
      read: this.#sizes.length + this.#seconds.length,
      addresses: this.#addresses,
      most: this.#most,
      silent: this.#silent,
      middle: this.#middle(),
      faults: [...this.#faults]
        .map(([code, fault]) => ({ code, ...fault }))
        .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
    };
  }

  #middle(): MediaReport['middle'] {
    const sizes = this.#sizes.sort((a, b) => a.width * a.height - b.width * b.height);
    const seconds = this.#seconds.sort((a, b) => a - b);
    if (sizes.length > 0) return sizes[Math.floor(sizes.length / 2)];
    if (seconds.length === 0) return undefined;
    return { seconds: seconds[Math.floor(seconds.length / 2)]!, longest: seconds.at(-1)! };
  }
}
