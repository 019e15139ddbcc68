/** What people said of products, from a file: a row for each product and attribute. */
import { AttuneError } from '../../base/errors.ts';
import type { CatalogErrorCode } from '../../catalog/errors.ts';
import { Source } from '../../catalog/source.ts';
import { DEFAULT_NOT_APPLICABLE } from '../../catalog/spec.ts';
import { sqlName } from '../../catalog/sql.ts';
import { timeOfCell } from '../../catalog/values/date-cell.ts';

export type ReviewRecord = {
  readonly product: string;
  readonly attribute: string;
  /** Undefined: the attribute does not apply. */
  readonly values: readonly string[] | undefined;
  readonly reviewer: string;
  /** Seconds since 1970; undefined where the file does not say. */
  readonly time: number | undefined;
  /**
   * The chance with which it was chosen to be reviewed, in (0, 1]; 1 where the file does not say. Undefined where no rule of chance chose it:
   * it says what is right, and nothing of how often the model is.
   */
  readonly chance: number | undefined;
};

/**
 * What people said last of each attribute of each product. An answer that was corrected later counts once, with the chance of the
 * likeliest way on which it was chosen.
 * @param reviews - those of which no time is known count as the earliest, in their order
 */
export function lastAnswers(reviews: readonly ReviewRecord[]): readonly ReviewRecord[] {
  const last = new Map<string, ReviewRecord>();
  for (const review of [...reviews].sort((a, b) => (a.time ?? 0) - (b.time ?? 0))) {
    const key = JSON.stringify([review.product, review.attribute]);
    const chances = [last.get(key)?.chance, review.chance].filter((chance) => chance !== undefined);
    last.set(key, { ...review, chance: chances.length === 0 ? undefined : Math.max(...chances) });
  }
  return [...last.values()];
}

export type ReadReviews = {
  /** The last of a person for each product and attribute, by time, else by place in the file. */
  readonly reviews: readonly ReviewRecord[];
  /** Rows that are no review, in a sentence each, the first few. */
  readonly unread: readonly string[];
  readonly unreadCount: number;
};

const ALIASES = {
  product: ['product', 'product_id', 'productid', 'id', 'sku', 'handle'],
  attribute: ['attribute', 'field'],
  value: ['value', 'label', 'answer'],
  reviewer: ['reviewer', 'user', 'who', 'by'],
  time: ['time', 'timestamp', 'reviewed_at', 'date'],
  chance: ['chance', 'probability', 'weight_chance'],
} as const;
type Column = keyof typeof ALIASES;
const NEEDED: readonly Column[] = ['product', 'attribute', 'value'];
const TOLD = 5;

/**
 * CSV, TSV, JSONL or Parquet with columns `product`, `attribute`, `value`, and, where known, `reviewer`, `time`, `chance`. Several
 * values are a JSON list or are divided by `;`; "n/a" says that the attribute does not apply.
 * @throws catalog/column-missing, and what reading a file throws
 */
export async function readReviews(paths: readonly string[]): Promise<ReadReviews> {
  const source = await Source.open({ paths });
  try {
    const names = new Map(source.columns.map(({ name }) => [name.toLowerCase(), name]));
    const found = Object.fromEntries(
      (Object.keys(ALIASES) as Column[]).map((column) => [
        column,
        ALIASES[column].map((alias) => names.get(alias)).find((name) => name !== undefined),
      ]),
    ) as Record<Column, string | undefined>;
    for (const column of NEEDED)
      if (found[column] === undefined)
        throw new AttuneError<CatalogErrorCode>(
          'catalog/column-missing',
          `${paths.join(', ')} has no column for the ${column} of reviews.`,
          { hint: `Call a column "${column}". The file has: ${[...names.values()].join(', ')}.` },
        );
    const select = (Object.keys(ALIASES) as Column[])
      .map((column) => `${found[column] === undefined ? 'NULL' : sqlName(found[column])} AS _${column}`)
      .join(', ');
    const last = new Map<string, ReviewRecord>();
    const unread: string[] = [];
    let unreadCount = 0;
    for await (const rows of source.stream(`SELECT ${select}, _file, _row FROM rows ORDER BY rowid`))
      for (const row of rows) {
        const review = reviewOf(row);
        if (typeof review === 'string') {
          unreadCount++;
          if (unread.length < TOLD) unread.push(`${String(row._file)}, row ${String(row._row)}: ${review}.`);
          continue;
        }
        const key = JSON.stringify([review.product, review.attribute, review.reviewer]);
        const before = last.get(key);
        if (before?.time !== undefined && review.time !== undefined && review.time < before.time) continue;
        last.set(key, review);
      }
    return { reviews: [...last.values()], unread, unreadCount };
  } finally {
    source.close();
  }
}

/** @returns a review, or why the row is none */
function reviewOf(row: Readonly<Record<string, unknown>>): ReviewRecord | string {
  const [product, attribute, value] = [textOf(row._product), textOf(row._attribute), row._value];
  if (product === '') return 'it names no product';
  if (attribute === '') return 'it names no attribute';
  if (textOf(value) === '') return 'it has no value; write n/a where the attribute does not apply';
  const chance = row._chance === null ? 1 : Number(row._chance);
  if (!(chance > 0 && chance <= 1))
    return `its chance must be above 0 and at most 1, and is ${String(row._chance)}`;
  return {
    product,
    attribute,
    values: valuesOf(value),
    reviewer: textOf(row._reviewer),
    time: timeOfCell(row._time as string | number | Date | null),
    chance,
  };
}

function valuesOf(cell: unknown): readonly string[] | undefined {
  if (Array.isArray(cell)) return cell.map(String);
  const text = textOf(cell);
  if ((DEFAULT_NOT_APPLICABLE as readonly string[]).includes(text.toLowerCase())) return undefined;
  if (text.startsWith('['))
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // A value may begin with a bracket.
    }
  return text
    .split(';')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

const textOf = (cell: unknown) => (cell === null || cell === undefined ? '' : String(cell).trim());
