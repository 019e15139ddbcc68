import { expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import type { ProductId } from '../catalog/product.ts';
import type { LabelledProduct } from './labelled.ts';
import { ValueSwap } from './swap-values.ts';

const product = (
  text: string,
  labels: Readonly<Record<string, readonly string[]>>,
  category = 'Mugs',
): LabelledProduct => ({
  product: {
    id: text as ProductId,
    group: undefined,
    category,
    texts: { title: text },
    labels: {},
    source: { file: 'mugs.csv', row: 1 },
  },
  texts: [text],
  labels: Object.fromEntries(
    Object.entries(labels).map(([name, values]) => [name, { state: 'values', values } as const]),
  ),
});
const swapper = (share: number) => new ValueSwap(share, new Random(1), new Set(['color', 'brand']));
const glass = product('Acme clear mug', { color: ['clear'], brand: ['Acme'] });

it('text and label change together, to a value of the same attribute and category', () => {
  const swap = swapper(1);
  swap.next(product('Zed dark red jug', { color: ['dark red'], brand: ['Zed'] }));
  swap.next(product('Lumo lamp', { brand: ['Lumo'] }, 'Lamps'));
  const { texts, labels } = swap.next(glass);
  expect(texts).toEqual(['Zed dark red mug']);
  expect(labels).toEqual({
    color: { state: 'values', values: ['dark red'] },
    brand: { state: 'values', values: ['Zed'] },
  });
});

it('nothing changes where no other value is known, nor at a share of 0', () => {
  expect(swapper(1).next(glass)).toEqual(glass);
  const never = swapper(0);
  never.next(product('Zed red jug', { color: ['red'], brand: ['Zed'] }));
  expect(never.next(glass)).toBe(glass);
});

it('a value that stands twice, inside a word or on another value stays', () => {
  for (const [text, labels] of [
    ['red red mug', { color: ['red'] }],
    ['red5 mug', { color: ['red'] }],
    ['red mug', { color: ['red'], brand: ['red mug'] }],
    ['red or blue mug', { color: ['red', 'blue'] }],
    ['a mug', { color: ['red'] }],
  ] as const) {
    const swap = swapper(1);
    swap.next(product('Zed teal jug', { color: ['teal'], brand: ['Zed'] }));
    expect(swap.next(product(text, labels)).texts, text).toEqual([text]);
  }
});
