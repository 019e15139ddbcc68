/** Predictions in threads of their own, in the built package: Node runs no TypeScript in a worker. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { attune, DIST, workspace } from './attune.ts';
import { openShop, shop } from './shop.ts';

const { folder } = workspace('background');

/** Prints whether both ways answer the same, and how often the event loop turned while each predicted. */
const SCRIPT = `
const [module, folder, products] = process.argv.slice(1);
const { openBundle } = await import(module);
const asked = JSON.parse(products);
let turns = 0;
let going = true;
const turn = () => { turns++; if (going) setImmediate(turn); };
turn();
const ask = async (options) => {
  const model = await openBundle(folder, { threads: 2, ...options });
  const before = turns;
  const answers = JSON.stringify(await Promise.all([model.predict(asked), model.predict(asked, { topK: 2 })]));
  // The threads stay open: idle ones must not keep the program alive.
  return { answers, turns: turns - before };
};
const [here, there] = [await ask({ threads: 1 }), await ask({ background: true })];
const failure = await openBundle(folder + '-missing', { background: true }).catch((error) => error.code);
going = false;
const sound = await openBundle(folder, { background: true, threads: 1 });
const unforeseen = await sound.predict([{ texts: { title: 7 } }]).catch((error) => error.code);
const after = (await sound.predict(asked.slice(0, 1))).length;
const closed = await openBundle(folder, { background: true, threads: 2 });
const unanswered = Promise.allSettled([closed.predict(asked), closed.predict(asked)]);
await new Promise((resolve) => setTimeout(resolve, 50));
await closed.close();
const cut = (await unanswered).map(({ reason }) => reason?.code);
console.log(JSON.stringify({ same: here.answers === there.answers, here: here.turns, there: there.turns, failure, unforeseen, after, cut }));
`;

it('a model in the background answers the same, leaves the event loop alone, and is closed while it computes', async () => {
  openShop(folder(), 40);
  expect((await attune(folder(), 'train', '--out', 'model', '--set', 'training.epochs=1')).code).toBe(0);
  const products = shop(300, 8).map(({ sku, kind, title, description }) => ({
    id: sku,
    category: kind,
    texts: { title, description },
  }));
  const built = pathToFileURL(join(DIST, 'index.js')).href;
  const args = [built, join(folder(), 'model'), JSON.stringify(products)];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', SCRIPT, ...args],
    { encoding: 'utf8', timeout: 110_000 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ same: true, failure: 'prediction/bundle-missing' });
  expect(result, 'what fails on one product ends no thread').toMatchObject({
    unforeseen: 'prediction/failed',
    after: 1,
  });
  expect(result.cut).toEqual(['prediction/thread-failed', 'prediction/thread-failed']);
  expect(result.there).toBeGreaterThan(10 * result.here);
});
