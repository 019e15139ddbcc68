/** The embedder's threads, in the built package: Node runs no TypeScript in a worker. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { writeRandomBert } from '../embed/random-bert.ts';
import { workspace } from './attune.ts';

const { folder } = workspace('embedder');
const TEXTS = Array.from({ length: 37 }, (_, i) => `red shirt ${'with blue buttons '.repeat(i % 5)}${i % 7}`);

/** Prints the smallest cosine between one thread here and two others, and how a missing checkpoint fails in a thread. */
const SCRIPT = `
const [module, checkpoint, missing, texts] = process.argv.slice(1);
const { Embedder } = await import(module);
const vectorsWith = async (workers) => {
  const embedder = await Embedder.open({ checkpoint, workers, threads: 2, precision: 'int8' });
  const vectors = [];
  for await (const part of embedder.embed(JSON.parse(texts))) vectors.push(...part);
  // The two threads stay open: idle ones must not keep the program alive.
  return vectors;
};
const [here, there] = [await vectorsWith(0), await vectorsWith(2)];
const cosines = here.map((v, i) => v.reduce((sum, x, k) => sum + x * there[i][k], 0));
const failure = await Embedder.open({ checkpoint: missing, workers: 2 }).catch((error) => error.code);
console.log(JSON.stringify({ count: there.length, least: Math.min(...cosines), failure }));
`;

it('computes in threads what it computes here, in order, and reports their errors', async () => {
  const checkpoint = join(folder(), 'bert');
  await writeRandomBert(checkpoint, {
    texts: TEXTS,
    width: 256,
    pooling: { modes: ['mean'], normalize: true },
  });
  const built = pathToFileURL(join(process.env.ATTUNE_DIST ?? 'dist', 'prediction', 'embed.js')).href;
  const args = ['--input-type=module', '-e', SCRIPT, built, checkpoint, folder(), JSON.stringify(TEXTS)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const result = JSON.parse(stdout);
  expect(result.count).toBe(TEXTS.length);
  expect(result.least).toBeGreaterThan(0.9999);
  expect(result.failure).toBe('models/checkpoint-missing');
});
