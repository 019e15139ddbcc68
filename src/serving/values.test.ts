import { expect, it } from 'vitest';
import { productContract } from './api/predict.ts';
import { readProduct } from './products.ts';

const predictor = { fields: ['title'], givenAttributes: ['color'] };

it('a product may say which values are known, where texts are written from them', () => {
  const contract = productContract(predictor.fields, predictor);
  const read = (body: object) => readProduct(contract.parse(body), predictor).values;
  expect(read({ title: 'coat', values: { color: 'navy' } })).toEqual({ color: ['navy'] });
  expect(read({ values: { color: ['navy', 'white'] } })).toEqual({ color: ['navy', 'white'] });
  expect(read({ title: 'coat', values: { color: null } })).toEqual({});
  expect(contract.safeParse({ values: { size: 'L' } }).success).toBe(false);
  expect(productContract(['title']).safeParse({ values: { color: 'navy' } }).success).toBe(false);
});
