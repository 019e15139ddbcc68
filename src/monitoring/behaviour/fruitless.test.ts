import { expect, it } from 'vitest';
import { fruitlessSearches } from './fruitless.ts';

it('tells the queries that lead nowhere, and their words that no attribute has', () => {
  const outcomes = [
    { query: 'red shirt', searches: 200, fruitless: 20 },
    { query: 'petrol shirt', searches: 12, fruitless: 11 },
    { query: 'petrol blue dress', searches: 5, fruitless: 5 },
    { query: 'shirt', searches: 100, fruitless: 9 },
    { query: 'gift for ann', searches: 1, fruitless: 1 },
  ];
  const values = ['Red', 'Blue', 'Summer dress'].map((value) => ({ value }));
  expect(fruitlessSearches(outcomes, values)).toEqual({
    ...{ searches: 318, fruitless: 46 },
    queries: [outcomes[0], outcomes[1], outcomes[3], outcomes[2]],
    words: [{ word: 'petrol', searches: 17, fruitless: 16 }],
  });
  expect(fruitlessSearches([], values)).toEqual({ searches: 0, fruitless: 0, queries: [], words: [] });
});
