/** What would change in a merchant's file: found, approved, made, and taken back. */

/** One cell. */
export type CellChange = {
  readonly product: string;
  readonly attribute: string;
  /** The column of the file; one that the file has not is added. */
  readonly column: string;
  /** As the file has it; empty where it has nothing. */
  readonly before: string;
  readonly after: string;
  /** Who says so: a person's name, or a model. */
  readonly by: string;
};

/** The columns of a file of changes; a person fills `approve`. */
export const CHANGE_COLUMNS = ['product', 'attribute', 'column', 'before', 'after', 'by', 'approve'] as const;

const YES = new Set(['yes', 'y', 'true', '1', 'x', 'ok']);

/** @param cell - of the column `approve` */
export const isApproved = (cell: unknown) =>
  YES.has(
    String(cell ?? '')
      .trim()
      .toLowerCase(),
  );

/** The same changes backwards. */
export const undone = (changes: readonly CellChange[]): readonly CellChange[] =>
  changes.map((change) => ({ ...change, before: change.after, after: change.before }));

/** What the file says of a product now: column -> cell. */
export type Cells = Readonly<Record<string, unknown>>;

export const cellText = (cell: unknown): string =>
  cell === null || cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);

export type Applied = {
  readonly made: number;
  /** Changes whose cell is no longer what it was when they were found; the file keeps what it has. */
  readonly conflicts: readonly (CellChange & { readonly found: string })[];
};

/** Makes changes row by row, and remembers what came of them. */
export class ChangeSet {
  readonly #byProduct = new Map<string, CellChange[]>();
  readonly #conflicts: (CellChange & { readonly found: string })[] = [];
  #made = 0;

  constructor(changes: readonly CellChange[]) {
    for (const change of changes) {
      const own = this.#byProduct.get(change.product) ?? [];
      own.push(change);
      this.#byProduct.set(change.product, own);
    }
  }

  /** Columns that the file has not. */
  newColumns(columns: readonly string[]): readonly string[] {
    const all = [...this.#byProduct.values()].flat().map(({ column }) => column);
    return [...new Set(all)].filter((column) => !columns.includes(column));
  }

  /** The row with its product's changes; each product's are made once, in its first row. */
  apply(product: string | undefined, row: Cells): Cells {
    const changes = product === undefined ? undefined : this.#byProduct.get(product);
    if (changes === undefined) return row;
    this.#byProduct.delete(product!);
    const cells: Record<string, unknown> = { ...row };
    for (const change of changes) {
      const found = cellText(cells[change.column]);
      if (found === change.before) {
        cells[change.column] = change.after === '' ? null : change.after;
        this.#made++;
      } else if (found !== change.after) this.#conflicts.push({ ...change, found });
    }
    return cells;
  }

  /** @returns also, as conflicts, changes of products that no row had */
  outcome(): Applied {
    const missing = [...this.#byProduct.values()]
      .flat()
      .map((change) => ({ ...change, found: '(no such product)' }));
    return { made: this.#made, conflicts: [...this.#conflicts, ...missing] };
  }
}
