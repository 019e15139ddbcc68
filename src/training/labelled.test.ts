import { expect, it } from 'vitest';
import type { ProductId } from '../catalog/product.ts';
import { lexiconSample } from './labelled.ts';

const products = Array.from({ length: 2000 }, (_, i) => ({ id: `p${i}` as ProductId }));

it('the lexicon learns from all products where they are few', () => {
  expect(products.every(lexiconSample(2000, 2000))).toBe(true);
});

it('and from a sample of about the limit, the same each time, where they are many', () => {
  const sampled = products.filter(lexiconSample(2000, 500));
  expect(Math.abs(sampled.length - 500)).toBeLessThan(100);
  expect(products.filter(lexiconSample(2000, 500))).toEqual(sampled);
});
