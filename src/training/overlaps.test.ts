import { expect, it } from 'vitest';
import type { Label } from '../catalog/product.ts';
import { OverlapCount } from './overlaps.ts';

const ATTRIBUTES = ['color', 'kind'];
const value = (...values: string[]): Label => ({ state: 'value', values });

function apart(times: number, title: string, labels: Readonly<Record<string, Label>>) {
  const count = new OverlapCount();
  for (let i = 0; i < times; i++) count.add({ texts: { title }, labels }, ATTRIBUTES);
  return count.apart;
}

it('values side by side stand apart', () => {
  expect(apart(200, 'red wine glass', { color: value('red'), kind: value('wine glass') })).toBe(true);
});

it('values of which one stands in the other do not, unless it also stands elsewhere', () => {
  const labels = { color: value('wine'), kind: value('wine glass') };
  expect(apart(200, 'a wine glass', labels)).toBe(false);
  expect(apart(200, 'wine wine glass', labels)).toBe(true);
});

it('a few products say nothing, nor do values that stand nowhere', () => {
  const labels = { color: value('red'), kind: value('wine glass') };
  expect(apart(3, 'red wine glass', labels)).toBe(false);
  expect(apart(200, 'a jug', labels)).toBe(false);
  expect(apart(200, 'red wine glass', { color: value('red'), kind: { state: 'not-applicable' } })).toBe(
    false,
  );
});
