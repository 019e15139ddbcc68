/**
 * A merchant's catalog, opened: its products by side of the split, as streams whose memory does not grow with the
 * number of products.
 */
import { AttuneError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { assignSides, type DuplicateCounts } from './assign-sides.ts';
import { catalogWarnings } from './catalog-warnings.ts';
import type { CatalogErrorCode } from './errors.ts';
import { createItems } from './items.ts';
import { type Arranged, arrange, detectLayout, requireColumn } from './layout.ts';
import { writeTable } from './output.ts';
import { type Product, SPLIT_SIDES, type SplitSide } from './product.ts';
import { createReader, type ProductReader, readStretch, STRETCH, type Stretches } from './product-reader.ts';
import { REJECT_REASONS, type Reject, type RejectCounts, type RejectReason, rejectOf } from './rejects.ts';
import { type Row, Source } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import type { CatalogSpec, Layout } from './spec.ts';
import { countSides } from './split.ts';
import { sqlName } from './sql.ts';

export type ProductsOptions = {
  /** All of them by default. */
  readonly sides?: readonly SplitSide[];
  /**
   * `file` (the default), or `shuffled`: strips of 1,024 products in random order, 16 of them mixed at a time. The
   * order is a function of `seed`.
   */
  readonly order?: 'file' | 'shuffled';
  readonly seed?: number;
};

/** One row of the input, to be predicted. */
export type InputRow = {
  /** Counts from 0 in the order of the files; where to resume. */
  readonly index: number;
  /** All the file's own columns. */
  readonly own: Row;
  /** Undefined on a row that is no product of its own: a further row of a Shopify product, or one without text. */
  readonly product: Product | undefined;
};

/** Adds to products what another source knows of them. */
export type CompleteProducts = (products: readonly Product[]) => Promise<readonly Product[]>;

const CHUNK = 1000;
const STRIP = 1024;
const STRIPS_MIXED = 16;
/** In place of `STRIP` where rows hold the bytes of files. */
const HEAVY_STRIP = 64;

export class Catalog {
  readonly source: Source;
  readonly layout: Layout;
  /** The input's own columns, in its order. */
  readonly columns: readonly SourceColumn[];
  /** Products on each side. */
  readonly counts: Readonly<Record<SplitSide, number>>;
  readonly rejectCounts: RejectCounts;
  readonly duplicates: DuplicateCounts;
  /** What was decided that the user may want to know, as sentences. */
  readonly warnings: readonly string[];
  readonly #arranged: Arranged;
  readonly #reader: ProductReader;
  readonly #itemCount: number;
  #complete: CompleteProducts = async (products) => products;

  constructor(parts: {
    source: Source;
    layout: Layout;
    counts: Readonly<Record<SplitSide, number>>;
    rejectCounts: RejectCounts;
    duplicates: DuplicateCounts;
    warnings: readonly string[];
    arranged: Arranged;
    reader: ProductReader;
    itemCount: number;
  }) {
    this.source = parts.source;
    this.layout = parts.layout;
    this.columns = parts.arranged.columns;
    this.counts = parts.counts;
    this.rejectCounts = parts.rejectCounts;
    this.duplicates = parts.duplicates;
    this.warnings = parts.warnings;
    this.#arranged = parts.arranged;
    this.#reader = parts.reader;
    this.#itemCount = parts.itemCount;
  }

  /** Has the products of all later streams completed, such as with what shoppers did with them. */
  completeWith(complete: CompleteProducts): void {
    this.#complete = complete;
  }

  async *#stretch(stretches: Stretches, from: number, to: number): AsyncGenerator<readonly Product[]> {
    for await (const products of readStretch(stretches, from, to)) yield this.#complete(products);
  }

  /** The usable products, about 1,000 at a time. */
  async *products(options: ProductsOptions = {}): AsyncGenerator<Product[]> {
    const sides = (options.sides ?? SPLIT_SIDES).map((side) => SPLIT_SIDES.indexOf(side));
    if (sides.length === 0) return;
    const stretches = {
      source: this.source,
      reader: this.#reader,
      table: this.#arranged.table,
      count: this.#itemCount,
      sides,
    };
    const count = this.#itemCount;
    if (options.order !== 'shuffled') {
      for (let from = 0; from < count; from += STRETCH) {
        yield* chunked(this.#stretch(stretches, from, Math.min(from + STRETCH, count)));
      }
      return;
    }
    const random = new Random(options.seed ?? 0, 0x5f_f1e);
    const length = this.#reader.heavy ? HEAVY_STRIP : STRIP;
    const strips = random.shuffled(Array.from({ length: Math.ceil(count / length) }, (_, strip) => strip));
    for (let i = 0; i < strips.length; i += STRIPS_MIXED) {
      const mixed: Product[] = [];
      for (const strip of strips.slice(i, i + STRIPS_MIXED)) {
        const stretch = this.#stretch(stretches, strip * length, Math.min((strip + 1) * length, count));
        for await (const products of stretch) for (const product of products) mixed.push(product);
      }
      const shuffled = random.shuffled(mixed);
      for (let from = 0; from < shuffled.length; from += CHUNK) yield shuffled.slice(from, from + CHUNK);
    }
  }

  /**
   * Every readable row of the input with its own columns and, where it is one, its product; sides do not matter. For
   * long rows in the same file, a row is a product.
   *
   * @param from - the index of the first row, to go on where an earlier run stopped
   */
  async *rows(from = 0): AsyncGenerator<InputRow[]> {
    const { table, columns, severalRows } = this.#arranged;
    const byRow = severalRows && this.layout.kind === 'shopify';
    const base = byRow ? 'rows' : table;
    const own = columns.map(({ name }, i) => `r.${sqlName(name)} AS _o${i}`).join(', ');
    const count = byRow ? this.source.rowCount : this.#itemCount;
    for (let start = from; start < count; start += STRETCH) {
      const within = (column: string) => `${column} >= ${start} AND ${column} < ${start + STRETCH}`;
      const product = byRow
        ? `LEFT JOIN (SELECT rowid AS _item, * FROM arranged WHERE ${within('_first')}) b ON b._first = r.rowid
           LEFT JOIN items i ON i.item = b._item`
        : `JOIN ${table} b ON b.rowid = r.rowid JOIN items i ON i.item = r.rowid AND ${within('i.item')} AND ${within('b.rowid')}`;
      const sql = `SELECT r.rowid AS _index, i.item AS _item, i.reason AS _reason, ${own}, ${this.#reader.select}
        FROM ${base} r ${product} ${this.#reader.join} WHERE ${within('r.rowid')} ORDER BY r.rowid`;
      for await (const rows of this.source.stream(sql)) {
        const isProduct = (row: Row) => row._item !== null && row._reason !== 'empty-product';
        const asProducts = rows.filter(isProduct);
        const products = await this.#complete(asProducts.map((row) => this.#reader.toProduct(row)));
        const productOf = new Map(asProducts.map((row, i) => [row, products[i]]));
        yield rows.map((row) => ({
          index: Number(row._index),
          own: Object.fromEntries(columns.map(({ name }, i) => [name, row[`_o${i}`]])),
          product: productOf.get(row),
        }));
      }
    }
  }

  /** The rows that were set aside, by file and row. */
  async *rejects(): AsyncGenerator<Reject[]> {
    const sql = 'SELECT file, row, line, reason, detail, raw FROM rejects ORDER BY file, row';
    for await (const rows of this.source.stream(sql)) {
      yield rows.map(rejectOf);
    }
  }

  /**
   * Writes the rows that were set aside to a CSV or JSONL file, by its name; an earlier one there is replaced.
   *
   * @returns how many
   */
  async writeRejects(path: string): Promise<number> {
    const columns = ['file', 'row', 'line', 'reason', 'explanation', 'detail', 'raw'];
    const types = ['VARCHAR', 'BIGINT', 'BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR'];
    const rejects = this.rejects();
    async function* rows(): AsyncGenerator<Row[]> {
      for await (const batch of rejects) {
        yield batch.map((reject) => ({ ...reject, explanation: REJECT_REASONS[reject.reason] }));
      }
    }
    return writeTable(
      path,
      columns.map((name, i) => ({ name, type: types[i]! })),
      rows(),
      { overwrite: true },
    );
  }

  /** Adds to `rejects` what is found in products after they were read, such as pictures that are broken. */
  async note(rejects: readonly Reject[]): Promise<void> {
    for (const reject of rejects) await this.source.rejects.add(reject);
    await this.source.rejects.flush();
  }

  /** Frees the database; streams still open fail. */
  close(): void {
    this.source.close();
  }
}

async function* chunked(products: AsyncIterable<readonly Product[]>): AsyncGenerator<Product[]> {
  for await (const batch of products) {
    for (let from = 0; from < batch.length; from += CHUNK) yield batch.slice(from, from + CHUNK);
  }
}

/**
 * Reads a catalog, sets aside what cannot be used, and splits the rest.
 *
 * @throws what `Source.open` throws; `catalog/column-missing`, `catalog/layout`, `catalog/no-products`
 */
export async function openCatalog(spec: CatalogSpec): Promise<Catalog> {
  const given = spec.split?.by === 'files' ? [...spec.split.devPaths, ...spec.split.testPaths] : [];
  const source = await Source.open({ ...spec, paths: [...spec.paths, ...given] });
  try {
    return await openOn(source, spec);
  } catch (cause) {
    source.close();
    throw cause;
  }
}

async function openOn(source: Source, asked: CatalogSpec): Promise<Catalog> {
  const layout = await layoutFor(source, asked);
  const arranged = await arrange(source, layout);
  const { spec, skipped } =
    asked.absent === 'skip' ? withoutAbsent(asked, arranged) : { spec: asked, skipped: [] };
  if (arranged.attributesColumn === undefined) {
    for (const { name, column } of spec.attributes) {
      requireColumn(arranged.columns, column, `the attribute "${name}"`);
    }
  }
  for (const { name, column } of spec.table ?? [])
    requireColumn(arranged.columns, column, `the input "${name}"`);
  if (spec.behaviour?.at !== undefined)
    requireColumn(arranged.columns, spec.behaviour.at, 'the time of the predictions');
  const texts = await createItems(source, arranged, spec);
  const { sides, duplicates } = await assignSides(source, arranged.table, texts, spec);
  const counts = countSides(sides);
  const rejectCounts = await countRejects(source);
  if (spec.split !== undefined && counts.train === 0) throw noProducts(source, rejectCounts);
  const found = await catalogWarnings(source, {
    table: arranged.table,
    texts,
    spec,
    counts,
    rejectCounts,
    duplicates,
  });
  const warnings = [...source.warnings, ...skipped, ...texts.warnings, ...found];
  const reader = createReader(arranged, texts, spec);
  return new Catalog({
    source,
    layout,
    counts,
    rejectCounts,
    duplicates,
    warnings,
    arranged,
    reader,
    itemCount: sides.length,
  });
}

/** What is asked for without the columns that the file lacks, texts aside: those a model cannot do without. */
function withoutAbsent(
  spec: CatalogSpec,
  { columns, attributesColumn, idColumn }: Arranged,
): { readonly spec: CatalogSpec; readonly skipped: readonly string[] } {
  const names = new Set(columns.map(({ name }) => name));
  const skipped: string[] = [];
  const keep = (column: string | undefined, what: string) => {
    if (column === undefined || names.has(column)) return column;
    skipped.push(`There is no column "${column}" (for ${what}); the file is read without it.`);
    return undefined;
  };
  const attributes = spec.attributes.filter(
    ({ name, column }) =>
      attributesColumn !== undefined || keep(column, `the attribute "${name}"`) !== undefined,
  );
  const table = (spec.table ?? []).filter(
    ({ name, column }) => keep(column, `the input "${name}"`) !== undefined,
  );
  const media = (spec.media ?? []).map((field) => ({
    ...field,
    columns: field.columns.filter((column) => keep(column, `the input "${field.name}"`) !== undefined),
  }));
  const behaviour = spec.behaviour && { at: keep(spec.behaviour.at, 'the time of the predictions') };
  return {
    spec: {
      ...spec,
      behaviour,
      media,
      table,
      id: keep(spec.id === idColumn ? undefined : spec.id, 'the id'),
      group: keep(spec.group, 'the group'),
      category: keep(spec.category, 'the category'),
      time: spec.split === undefined ? undefined : keep(spec.time, 'the time'),
      attributes,
    },
    skipped,
  };
}

/** The layout asked for, or found; where no labels are read, long rows that the file does not have are not missed. */
async function layoutFor(source: Source, { layout, attributes }: CatalogSpec): Promise<Layout> {
  if (layout === 'auto') return detectLayout(source);
  if (layout.kind !== 'long' || layout.path !== undefined || attributes.length > 0) return layout;
  const names = new Set(source.columns.map(({ name }) => name));
  return names.has(layout.attribute) && names.has(layout.value) ? layout : { kind: 'columns' };
}

async function countRejects(source: Source): Promise<RejectCounts> {
  const rows = await source.query(
    'SELECT reason, count(*)::INTEGER AS n FROM rejects GROUP BY reason ORDER BY n DESC, reason',
  );
  return Object.fromEntries(rows.map(({ reason, n }) => [reason, n]));
}

function noProducts(source: Source, rejects: RejectCounts): AttuneError<CatalogErrorCode> {
  const why = (Object.entries(rejects) as [RejectReason, number][])
    .map(([reason, n]) => `${n} times ${REJECT_REASONS[reason]}`)
    .join('; ');
  return new AttuneError(
    'catalog/no-products',
    `No product is left to train on, of ${source.rowCount} rows${why === '' ? '' : `: ${why}`}.`,
    { hint: 'Check the columns of the id and of the text inputs, and the split.', details: { rejects } },
  );
}
