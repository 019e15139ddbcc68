/**
 * Attune as a library: train on a file, look at the figures, predict products in memory, fill a file.
 *
 *   node examples/library/main.mjs
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateFile, openBundle, predictFile, train } from 'attune';
import { catalogCsv } from './catalog.mjs';

const folder = await mkdtemp(join(tmpdir(), 'attune-library-'));
const at = (name) => join(folder, name);
try {
  await writeFile(at('products.csv'), catalogCsv(400, 11));

  const { results, bestEpoch } = await train({
    files: [at('products.csv')],
    out: at('model'),
    // A tiny encoder, so that this takes seconds; leave these out for a real one.
    settings: {
      attributes: { color: 'choice', material: 'extract' },
      'model.layers': 1,
      'model.width': 64,
      'training.epochs': 5,
      'training.threads': 1,
    },
    onEpoch: ({ epoch, trainLoss }) => console.log(`epoch ${epoch}: train loss ${trainLoss.toFixed(3)}`),
  });
  console.log(`best epoch ${bestEpoch}`);
  for (const { attribute, count, microF1 } of results)
    console.log(`${attribute}: micro F1 ${(100 * (microF1 ?? 0)).toFixed(1)} on ${count} test products`);

  // Products in memory: what a service or a script would do.
  const model = await openBundle(at('model'), { threads: 1 });
  const [prediction] = await model.predict([{ texts: { title: 'Elm crimson vase of glass' } }], { topK: 2 });
  await model.close();
  for (const [name, { value, confidence, status, evidence }] of Object.entries(prediction.attributes))
    console.log(`${name} = ${value} (${confidence.toFixed(2)}, ${status}) ${JSON.stringify(evidence)}`);

  // A file of any size, row by row.
  await writeFile(at('new.csv'), catalogCsv(50, 12).replaceAll(/^(.*?,.*?),.*$/gm, '$1'));
  const { rows } = await predictFile({ model: at('model'), files: [at('new.csv')], out: at('new.jsonl') });
  const first = JSON.parse((await readFile(at('new.jsonl'), 'utf8')).split('\n')[0]);
  console.log(
    `${rows} rows predicted; the first: ${first.title} -> ${first.predicted_color}, ${first.predicted_material}`,
  );

  // Products it has never seen, whose labels are known: how good is it?
  await writeFile(at('later.csv'), catalogCsv(100, 13));
  const { overall } = await evaluateFile({ model: at('model'), files: [at('later.csv')] });
  console.log(`F1 on later products: ${(100 * overall.f1).toFixed(1)}`);
  if (overall.f1 < 0.8)
    throw new Error('The model should be right on at least 80 of 100 of these easy titles.');
} finally {
  await rm(folder, { recursive: true, force: true });
}
