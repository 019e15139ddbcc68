import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reviewers } from '../../src/attune/reviewers.ts';
import { renderReviewers } from '../../src/monitoring/render-people.ts';
import { openStore } from '../../src/store/store.ts';
import { shirts } from '../contracts/store/bench.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-reviewers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

it('people who answer in a file and in a store are measured together, against a gold set and each other', async () => {
  const store = await openStore({ folder: at('store') });
  await store.products.put(shirts(2));
  const answer = (productId: string, values: readonly string[]) =>
    store.reviews.submit({ productId, attribute: 'materials', values, who: 'ann' });
  await answer('a-00', ['wool', 'silk']);
  await answer('a-01', []);
  await store.close();
  writeFileSync(
    at('reviews.csv'),
    'product,attribute,value,reviewer\na-00,materials,silk;wool,bob\na-01,materials,linen,bob\n',
  );
  writeFileSync(at('gold.csv'), 'product,attribute,value\na-00,materials,wool;silk\na-01,materials,n/a\n');
  const report = await reviewers({
    ...{ store: at('store'), reviews: [at('reviews.csv')], gold: [at('gold.csv')] },
  });
  expect(report.reviewers.map(({ reviewer, gold }) => [reviewer, gold?.right, gold?.reviews])).toEqual([
    ['bob', 1, 2],
    ['ann', 2, 2],
  ]);
  expect(report.disputed).toEqual([
    { product: 'a-01', attribute: 'materials', answers: { ann: '(not applicable)', bob: 'linen' } },
  ]);
  const lines = renderReviewers(report);
  expect(lines).toMatch(/bob +2 +50\.0 % +2 +9\.5 % to 90\.5 %/);
  expect(lines).toMatch(/a-01 +materials +ann: \(not applicable\), bob: linen/);
}, 60_000);
