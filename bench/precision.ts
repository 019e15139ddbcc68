/**
 * What eight bits cost and buy a trained model: micro-F1 on labelled rows, and the speed of `attune predict` over a
 * file, in fp32 and int8; beside them the encoder alone over the same texts, which is the most that could be reached.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttuneConfig, evaluateFile, PRECISIONS, type Precision, predictFile } from '../src/attune.ts';
import { openCatalog } from '../src/catalog/catalog.ts';
import { specOfConfig } from '../src/catalog/spec-of-config.ts';
import { readBundle } from '../src/prediction/bundle.ts';
import { Embedder } from '../src/prediction/embed.ts';
import { type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { inTurn } from './runner/peer.ts';

export const OPTIONS: OwnOptions = {
  bundle: 'folder of a trained model (needed)',
  rows: 'file of labelled rows, laid out as the training file (needed)',
  texts: 'file to predict for the speed (default: the labelled rows)',
  rounds: 'counted rounds (default 3)',
  threads: 'processor threads (default one a core)',
};

export async function run({ own, say }: BenchOptions): Promise<readonly Figure[]> {
  const { bundle, rows, texts = rows } = own;
  if (bundle === undefined || rows === undefined || texts === undefined)
    throw new Error('bench precision needs --bundle FOLDER and --rows FILE.');
  const threads = own.threads === undefined ? availableParallelism() : Number(own.threads);
  const scratch = await mkdtemp(join(tmpdir(), 'attune-precision-'));
  try {
    const figures: Figure[] = [];
    const f1: Partial<Record<Precision, number>> = {};
    for (const precision of PRECISIONS) {
      const { overall, products } = await evaluateFile({ model: bundle, files: [rows], precision, threads });
      say(`${precision}: ${products} labelled products`);
      f1[precision] = 100 * (overall.f1 ?? Number.NaN);
      figures.push({ name: precision, value: f1[precision], unit: 'micro-F1' });
    }
    figures.push({ name: 'lost by int8', value: f1.fp32! - f1.int8!, unit: 'points' });
    const asked = await textsOf(bundle, texts);
    const predicting = PRECISIONS.map((precision) => ({
      name: `predict ${precision}`,
      once: () =>
        rate(asked.length, async () => {
          const out = join(scratch, `${precision}.jsonl`);
          await predictFile({ model: bundle, files: [texts], out, precision, threads, overwrite: true });
        }),
    }));
    const embedders = await Promise.all(
      PRECISIONS.map((precision) => Embedder.open({ checkpoint: bundle, precision, threads })),
    );
    const encoding = embedders.map((embedder, i) => ({
      name: `encoder alone ${PRECISIONS[i]}`,
      once: () =>
        rate(asked.length, async () => {
          for await (const _ of embedder.embed(asked));
        }),
    }));
    const sides = [...predicting, ...encoding];
    const values = await inTurn(sides, Number(own.rounds ?? 3));
    await Promise.all(embedders.map((embedder) => embedder.close()));
    const speeds = sides.map(({ name }) => ({ name, value: median(values.get(name)!), unit: 'products/s' }));
    return [...figures, ...speeds];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Products a second, reading, opening the model and writing included. */
async function rate(products: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (products / (performance.now() - start)) * 1000;
}

/** What the model reads of each row, as one text. */
async function textsOf(folder: string, file: string): Promise<string[]> {
  const { file: bundle } = await readBundle(folder);
  const spec = specOfConfig(bundle.config as AttuneConfig, {
    paths: [file],
    split: false,
    labels: false,
    absent: 'skip',
  });
  const catalog = await openCatalog(spec);
  const texts: string[] = [];
  try {
    for await (const chunk of catalog.rows())
      for (const { product } of chunk)
        texts.push([product?.category, ...Object.values(product?.texts ?? {})].join(' '));
    return texts;
  } finally {
    catalog.close();
  }
}
