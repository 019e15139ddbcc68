import { describe, expect, it } from 'vitest';
import { fitCategory } from '../../features/numbers/category-encoding.ts';
import { fitDate } from '../../features/numbers/date-encoding.ts';
import { fitNumber } from '../../features/numbers/number-encoding.ts';
import type { TableInputSpec } from './spec.ts';
import { DATE_REFERENCE, forgetCategories, tableArrays, tableEncoder, tableWidth } from './table-inputs.ts';

function category(field: string, values: readonly string[]): TableInputSpec {
  const fit = fitCategory({ minCount: 1 });
  for (const value of values) fit.add(value);
  return { field, kind: 'category', encoding: fit.finish() };
}

const price = fitNumber();
for (let i = 1; i <= 40; i++) price.add(i);
const launched = fitDate();
launched.add('2024-01-31', DATE_REFERENCE);
launched.add('2024-06-30', DATE_REFERENCE);
const spec = {
  tableInputs: [
    category('brand', ['Acme', 'Acme', 'Zeta']),
    { field: 'price', kind: 'number', encoding: price.finish() },
    category('line', ['basic']),
    { field: 'launched', kind: 'date', encoding: launched.finish() },
  ],
} satisfies { tableInputs: readonly TableInputSpec[] };
const encode = tableEncoder(spec);

describe('table inputs', () => {
  it('give each category rows of its own: missing, unknown, then its values', () => {
    const ids = (brand: string | undefined, line: string | undefined) => [
      ...encode([brand, 3, line, undefined]).categories,
    ];
    expect(ids('ACME', 'basic')).toEqual([2, 6]);
    expect(ids('Zeta', undefined)).toEqual([3, 4]);
    expect(ids('Nova', 'other')).toEqual([1, 5]);
    expect(ids(undefined, 'basic')).toEqual([0, 6]);
  });

  it('are present where any cell tells something', () => {
    expect(encode([undefined, undefined, undefined, undefined]).present).toBe(false);
    expect(encode([undefined, 'a lot', undefined, 'soon']).present).toBe(false);
    expect(encode([undefined, undefined, 'basic', undefined]).present).toBe(true);
    expect(encode([undefined, '12.50', undefined, undefined]).present).toBe(true);
    expect(encode([undefined, undefined, undefined, '2024-05-01']).present).toBe(true);
  });

  it('read a date the same whenever it is asked, and otherwise than another date', () => {
    const values = (date: string) => [...encode([undefined, undefined, undefined, date]).values];
    expect(values('2024-03-01')).toEqual(values('1 March 2024'));
    expect(values('2024-03-01')).not.toEqual(values('2024-05-01'));
  });

  it('become arrays of one row a product', () => {
    const rows = [encode(['Acme', 3, 'basic', '2024-03-01']), undefined];
    const arrays = tableArrays(spec, rows);
    expect(arrays['table.categories']).toMatchObject({ dims: [2, 2], data: Int32Array.of(2, 6, 0, 0) });
    expect(arrays['table.values']!.dims).toEqual([2, tableWidth(spec) - 2 * 16]);
  });

  it('forget values in training, never that one is missing', () => {
    const table = encode(['Acme', 3, undefined, undefined]);
    expect([...forgetCategories(spec, table, () => true).categories]).toEqual([1, 4]);
    expect([...forgetCategories(spec, table, () => false).categories]).toEqual([2, 4]);
  });
});
