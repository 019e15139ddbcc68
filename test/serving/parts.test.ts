/** Workers that share the parts of a file through a store: every list gets its own answers, and a part that cannot be predicted says why. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Predictor } from '../../src/prediction/prediction.ts';
import { PartWorker } from '../../src/serving/parts/part-worker.ts';
import { SharedPredictor } from '../../src/serving/parts/shared-predictor.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { keywordPredictor } from './keyword-predictor.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-parts-'));
const unexpected = (why: string) => {
  throw new Error(why);
};
let store: Store;
beforeAll(async () => {
  store = await openStore({ folder });
}, 600_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const lists = Array.from({ length: 6 }, (_, list) =>
  ['red', 'navy'].map((color, i) => ({ id: `${list}-${i}`, texts: { title: `${color} coat` } })),
);

function team(key: string, predictors: readonly Predictor[]) {
  const stop = new AbortController();
  const working = predictors.map((predictor, i) =>
    new PartWorker({ store, predictor, key, holder: `w${i}`, onWait: unexpected }).run({
      signal: stop.signal,
      untilIdle: () => false,
    }),
  );
  return async () => {
    stop.abort();
    await Promise.all(working);
  };
}

it('several workers give each list its own answers; those with another model take none of them', async () => {
  const other = { ...keywordPredictor(), predict: () => unexpected('a part of another model') };
  const [end, endOther] = [team('a', [keywordPredictor(), keywordPredictor()]), team('b', [other])];
  const shared = new SharedPredictor(store, 'a', 4, unexpected);
  const answers = await Promise.all(lists.map((list) => shared.predict(list)));
  expect(answers.map((found) => found.map(({ id }) => id))).toEqual(
    lists.map((list) => list.map(({ id }) => id)),
  );
  expect(answers[3]!.map(({ attributes }) => attributes.color!.value)).toEqual(['Red', 'Blue']);
  await shared.close();
  await end();
  await endOther();
});

it('a part that fails each time says why, the others are predicted, and no worker ends by it', async () => {
  const model = keywordPredictor();
  const choking: Predictor = {
    ...model,
    predict: async (products, options) => {
      if (products.some(({ id }) => id === '2-1')) throw new Error('the model chokes on 2-1');
      return model.predict(products, options);
    },
  };
  const end = team('c', [choking, choking]);
  const shared = new SharedPredictor(store, 'c', 4, unexpected);
  const answers = await Promise.allSettled(lists.map((list) => shared.predict(list)));
  expect(answers.map(({ status }) => status)).toEqual(
    lists.map((_, i) => (i === 2 ? 'rejected' : 'fulfilled')),
  );
  expect(answers[2]).toMatchObject({
    reason: {
      code: 'serving/part-failed',
      message: expect.stringContaining('the model chokes on 2-1'),
      hint: expect.stringContaining('goes on'),
    },
  });
  expect(await shared.predict(lists[0]!)).toHaveLength(2);
  await shared.close();
  await end();
});
