/**
 * The numbers, categories and dates of a product as one vector: encoded numbers and dates side by side, and beside them a learned
 * vector for each category. All of them are one modality, `table`: single cells tell little by themselves, and what each modality
 * contributed takes a pass for each set of modalities.
 */
import {
  categoryCount,
  categoryEncoder,
  MISSING_ID,
  UNKNOWN_ID,
} from '../../features/numbers/category-encoding.ts';
import { dateNames, encodeDate } from '../../features/numbers/date-encoding.ts';
import { encodeNumber, numberNames, readNumber } from '../../features/numbers/number-encoding.ts';
import { concat, gather, input, reshape } from '../../graph/builder.ts';
import type { Value } from '../../graph/session.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { AttributeModelSpec, TableInputSpec } from './spec.ts';

/** The modality, and the scope of its parameters and inputs. */
export const TABLE = 'table';
/** Numbers in the learned vector of a category's value. */
const CATEGORY_WIDTH = 16;
/**
 * Dates are read as their place in time: an age would need a time to count from, which a cell does not have.
 * In seconds since 1970.
 */
export const DATE_REFERENCE = 0;

type Inputs = Pick<AttributeModelSpec, 'tableInputs'>;

export function readsTable({ tableInputs = [] }: Inputs): boolean {
  return tableInputs.length > 0;
}

function categoriesOf({ tableInputs = [] }: Inputs) {
  return tableInputs.flatMap((field) => (field.kind === 'category' ? [field.encoding] : []));
}

function valuesOf(field: TableInputSpec): number {
  if (field.kind === 'category') return 0;
  return field.kind === 'number' ? numberNames(field.encoding).length : dateNames(field.encoding).length;
}

/** Encoded numbers and dates of a product. */
function valueWidth({ tableInputs = [] }: Inputs): number {
  return tableInputs.reduce((total, field) => total + valuesOf(field), 0);
}

/** Numbers in the vector of all of them; 0 where a model reads none. */
export function tableWidth(spec: Inputs): number {
  return valueWidth(spec) + CATEGORY_WIDTH * categoriesOf(spec).length;
}

/** The vectors of all categories' values, one input's after the other's. */
export function tableParameters(spec: Inputs, depth: number): readonly ParameterSpec[] {
  const rows = categoriesOf(spec).reduce((total, encoding) => total + categoryCount(encoding), 0);
  if (rows === 0) return [];
  const initial = { kind: 'normal', std: 1 } as const;
  return [{ name: `${TABLE}.vectors`, shape: [rows, CATEGORY_WIDTH], role: 'embedding', depth, initial }];
}

/** @returns `[B, tableWidth]`; its leaves are filled by `tableArrays` */
export function tableVector(spec: Inputs, parameters: Scope): Tensor {
  const values = valueWidth(spec);
  const categories = categoriesOf(spec).length;
  const parts = values === 0 ? [] : [input(`${TABLE}.values`, 'float32', ['batch', values])];
  if (categories > 0) {
    const ids = input(`${TABLE}.categories`, 'int32', ['batch', categories]);
    const vectors = gather(parameters.get(`${TABLE}.vectors`), ids);
    parts.push(reshape(vectors, [ids.shape[0]!, categories * CATEGORY_WIDTH]));
  }
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

export type EncodedTable = {
  /** Encoded numbers and dates, one after the other. */
  readonly values: Float32Array;
  /** Row of the vector of each category's value. */
  readonly categories: Int32Array;
  /** Whether any cell tells something. */
  readonly present: boolean;
};

/** @returns what brings the cells of a product, in the order of the spec's inputs, in the shape that the model reads */
export function tableEncoder({
  tableInputs = [],
}: Inputs): (cells: readonly (string | number | undefined)[]) => EncodedTable {
  let rows = 0;
  const fields = tableInputs.map((field) => {
    if (field.kind !== 'category') return { field, encode: cellEncoder(field) };
    const [first, idOf] = [rows, categoryEncoder(field.encoding)];
    rows += categoryCount(field.encoding);
    return { idOf: (cell: string | undefined) => first + idOf(cell) };
  });
  return (cells) => {
    const values: number[] = [];
    const categories: number[] = [];
    let present = false;
    for (const [i, field] of fields.entries()) {
      const cell = cells[i];
      if ('idOf' in field) {
        categories.push(field.idOf(cell === undefined ? undefined : String(cell)));
        present ||= cell !== undefined;
      } else {
        const own = field.encode(cell);
        for (const value of own) values.push(value);
        // The first place says that a cell is missing or cannot be read.
        present ||= own[0] === 0;
      }
    }
    return { values: Float32Array.from(values), categories: Int32Array.from(categories), present };
  };
}

/**
 * Makes values of categories unknown ones, so that a value that training never saw is not new to the model.
 * @param isForgotten - asked once a category
 */
export function forgetCategories(
  spec: Inputs,
  table: EncodedTable,
  isForgotten: () => boolean,
): EncodedTable {
  let first = 0;
  const firsts = categoriesOf(spec).map((encoding) => {
    first += categoryCount(encoding);
    return first - categoryCount(encoding);
  });
  const categories = table.categories.map((id, i) =>
    isForgotten() && id !== firsts[i]! + MISSING_ID ? firsts[i]! + UNKNOWN_ID : id,
  );
  return { ...table, categories };
}

function cellEncoder(
  field: Exclude<TableInputSpec, { readonly kind: 'category' }>,
): (cell: string | number | undefined) => Float32Array {
  if (field.kind === 'date') return (cell) => encodeDate(cell, DATE_REFERENCE, field.encoding);
  return (cell) => {
    const read = readNumber(cell, field.encoding);
    return encodeNumber(read.state === 'number' ? read.value : undefined, field.encoding);
  };
}

/** Nothing where the model reads no such inputs. */
export function tableArrays(
  spec: Inputs,
  rows: readonly (EncodedTable | undefined)[],
): Record<string, Value> {
  const width = valueWidth(spec);
  const count = categoriesOf(spec).length;
  const values = new Float32Array(rows.length * width);
  const ids = new Int32Array(rows.length * count);
  for (const [b, row] of rows.entries()) {
    if (row === undefined) continue;
    values.set(row.values, b * width);
    ids.set(row.categories, b * count);
  }
  return {
    ...(width === 0
      ? {}
      : { [`${TABLE}.values`]: { dtype: 'float32', dims: [rows.length, width], data: values } }),
    ...(count === 0
      ? {}
      : { [`${TABLE}.categories`]: { dtype: 'int32', dims: [rows.length, count], data: ids } }),
  };
}
