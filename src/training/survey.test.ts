import { expect, it } from 'vitest';
import type { AttributeSchema, Label, Product, ProductId } from '../catalog/product.ts';
import { LabelReader, lexiconLabels } from './labelled.ts';
import { surveyProducts, type WantedAttribute } from './survey.ts';

const schema = (
  more: Partial<AttributeSchema> & Pick<AttributeSchema, 'name' | 'kind'>,
): AttributeSchema => ({
  description: undefined,
  values: [],
  synonyms: {},
  unit: undefined,
  appliesTo: undefined,
  required: false,
  ...more,
});
const value = (...values: string[]): Label => ({ state: 'value', values });
const NONE: Label = { state: 'not-applicable' };

function product(id: number, labels: Record<string, Label>, category?: string): Product {
  return {
    id: `p${id}` as ProductId,
    group: undefined,
    category,
    texts: { title: `thing ${id}` },
    labels,
    source: { file: 'shop.csv', row: id },
  };
}

async function survey(attributes: readonly AttributeSchema[], products: readonly Product[]) {
  const wanted: WantedAttribute[] = attributes.map((each) => ({ schema: each, decimal: 'auto' }));
  return surveyProducts(
    {
      products: async function* () {
        yield [...products];
      },
    },
    wanted,
  );
}

it('learns the values that are there at least twice, the commonest spelling first, and joins the others to them', async () => {
  const colors = ['Red', 'Red', 'red', 'Blue', 'Blue', 'Blue', 'Odd'];
  const { attributes, choices, labelledProducts } = await survey(
    [schema({ name: 'color', kind: 'choice' })],
    [...colors.map((color, i) => product(i, { color: value(color) })), product(9, {})],
  );
  expect(choices[0]!.values.toSorted()).toEqual(['Blue', 'Red']);
  expect(choices[0]!.notApplicable).toBe(false);
  expect(attributes[0]!.labelled).toBe(7);
  expect(labelledProducts).toBe(7);
  const reader = new LabelReader(attributes, ['title']);
  expect(reader.read(product(1, { color: value('red') })).labels.color).toEqual({
    state: 'values',
    values: ['Red'],
  });
  expect(reader.read(product(2, { color: value('Odd') })).labels).toEqual({});
  expect(reader.rare.get('color')).toEqual({ count: 1, example: 'Odd' });
  // Beside a value that is learned, that one trains.
  const both = product(2, { color: { state: 'value', values: ['Odd', 'red'] } });
  expect(reader.read(both).labels).toEqual({ color: { state: 'values', values: ['Red'] } });
  // A model is judged by it all the same: it counts as missed.
  expect(reader.read(product(2, { color: value('Odd') }), { rare: true }).labels).toEqual({
    color: { state: 'values', values: ['Odd'] },
  });
});

it('keeps the values that the config lists, however rare, and no others', async () => {
  const listed = schema({
    name: 'color',
    kind: 'choice',
    values: ['Red', 'Blue'],
    synonyms: { Blue: ['navy'] },
  });
  const { attributes, choices } = await survey([listed], [product(1, { color: value('navy') })]);
  expect(choices[0]!.values).toEqual(['Red', 'Blue']);
  const reader = new LabelReader(attributes, ['title']);
  expect(reader.read(product(1, { color: value('Navy') })).labels.color).toEqual({
    state: 'values',
    values: ['Blue'],
  });
  expect(reader.read(product(1, { color: value('Pink') })).labels).toEqual({});
});

it('an attribute counts only in the categories that it applies to', async () => {
  const size = schema({ name: 'size', kind: 'choice', appliesTo: ['Shoes'] });
  const { attributes, labelledProducts } = await survey(
    [size],
    [
      product(1, { size: value('38') }, 'Shoes'),
      product(2, { size: value('38') }, 'Shoes'),
      product(3, { size: value('3 l') }, 'Bags'),
    ],
  );
  expect(labelledProducts).toBe(2);
  const reader = new LabelReader(attributes, ['title']);
  expect(reader.read(product(3, { size: value('38') }, 'Bags')).labels).toEqual({});
});

it('"not applicable" is an answer of a choice where training has seen it, and nothing of an unlabelled product', async () => {
  const { choices, attributes } = await survey(
    [schema({ name: 'sleeve', kind: 'choice' })],
    [1, 2, 3].map((i) => product(i, { sleeve: i === 3 ? NONE : value('long') })),
  );
  expect(choices[0]!.notApplicable).toBe(true);
  const reader = new LabelReader(attributes, ['title']);
  expect(reader.read(product(4, { sleeve: NONE })).labels.sleeve).toEqual({ state: 'none' });
  expect(reader.read(product(5, {})).labels).toEqual({});
});

it('numbers are read in the unit of the config, by the decimal mark of their column', async () => {
  const weight = schema({ name: 'weight', kind: 'number', unit: 'g' });
  const cells = ['1,5 kg', '2,25 kg', '0,75 kg', '500 g'];
  const { numbers, attributes, pairs } = await survey(
    [weight],
    cells.map((cell, i) => product(i, { weight: value(cell) })),
  );
  expect(attributes[0]!.decimal).toBe('comma');
  expect(numbers[0]!.mean).toBeCloseTo(numbers[0]!.logarithm ? 6.976 : 1250, 1);
  expect(pairs).toEqual([{ category: '', attribute: 'weight' }]);
});

it('a number is learned by its logarithm where that lies more evenly, and none is below 0', async () => {
  const logarithm = async (values: readonly number[]) => {
    const rows = values.map((each, i) => product(i, { price: value(String(each)) }));
    return (await survey([schema({ name: 'price', kind: 'number' })], rows)).numbers[0]!.logarithm;
  };
  const steps = Array.from({ length: 41 }, (_, i) => (i - 20) / 20);
  expect(await logarithm(steps.map((step) => Math.round(40 * Math.exp(step))))).toBe(true);
  expect(await logarithm(steps.map((step) => 500 + Math.round(400 * step)))).toBe(false);
  expect(await logarithm([-1, 1, 2, 100])).toBe(false);
  expect(await logarithm([7, 7, 7])).toBe(false);
});

it('an attribute without labels has no head', async () => {
  const kinds = ['choice', 'multi', 'number', 'extract'] as const;
  const found = await survey(
    kinds.map((kind) => schema({ name: kind, kind })),
    [product(1, {})],
  );
  expect([found.choices, found.numbers, found.pairs]).toEqual([[], [], []]);
  expect(found.labelledProducts).toBe(0);
});

it('the lexicon gets the texts of extracted attributes only', () => {
  const labels = {
    material: { state: 'values', values: ['oak'] },
    color: { state: 'values', values: ['Red'] },
    size: { state: 'none' },
  } as const;
  expect(
    lexiconLabels({ product: product(1, {}), texts: [], labels }, new Set(['material', 'size'])),
  ).toEqual({
    material: ['oak'],
    size: [],
  });
});
