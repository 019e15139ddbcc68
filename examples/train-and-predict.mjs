/**
 * The library in one page: trains a small model on a file of products, prints its test figures, and asks it.
 *
 *   npm run build && node examples/train-and-predict.mjs
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle, train } from 'attune';

const folder = await mkdtemp(join(tmpdir(), 'attune-example-'));
try {
  const file = join(folder, 'products.csv');
  await writeFile(file, catalog(240));

  const out = join(folder, 'model');
  const { results, history } = await train({
    files: [file],
    out,
    settings: {
      attributes: { color: 'choice' },
      inputs: { title: 'text' },
      'model.layers': 1,
      'model.width': 64,
      'training.epochs': 6,
      'training.learningRate': 0.002,
      'training.threads': 1,
    },
  });
  console.log(`${history.length} epochs, ${results.length} attribute on test products`);

  const model = await openBundle(out, { threads: 1 });
  const [prediction] = await model.predict([{ texts: { title: 'Navy linen apron with a pocket' } }], {
    topK: 2,
  });
  const { value, confidence, status, alternatives } = prediction.attributes.color;
  console.log(`color: ${value} (${(100 * confidence).toFixed(0)} %, ${status})`);
  console.log(`then: ${alternatives.map((other) => other.value).join(', ')}`);
  await model.close();
} finally {
  await rm(folder, { recursive: true });
}

/** Products whose colour is told by one word of the title. */
function catalog(rows) {
  const colors = { Blue: ['navy', 'indigo'], Red: ['scarlet', 'burgundy'], Green: ['olive', 'sage'] };
  const things = ['apron', 'jumper', 'cushion', 'mug', 'rug', 'scarf', 'lamp'];
  const details = ['with a pocket', 'for two', 'hand made', 'in a gift box', 'made in Portugal'];
  const lines = Array.from({ length: rows }, (_, i) => {
    const [color, words] = Object.entries(colors)[i % 3];
    const title = `${words[(i >> 2) % 2]} ${things[i % 7]} ${details[i % 5]}, model ${i}`;
    return `${i},"${title}",${color}`;
  });
  return `sku,title,color\n${lines.join('\n')}\n`;
}
