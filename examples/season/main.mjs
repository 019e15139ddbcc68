/**
 * A season, replayed: a shop trains a model, a new season's colours arrive that it does not know, `monitor` says so, people review 200
 * products, `retrain` learns from them and promotes the new model because it is better, and one call takes that back.
 *
 *   node examples/season/main.mjs
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitor, retrain, rollBack, train } from 'attune';

const KINDS = ['shirt', 'mug', 'lamp', 'scarf'];
const NAMES =
  'amber basin cedar delta ember fjord grove haven inlet jetty knoll ledge marsh oasis pond'.split(' ');

/** Products in the colours given, one after the other. */
function products(count, colors, first) {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i;
    const color = colors[i % colors.length];
    const name = `${NAMES[(n * 7) % NAMES.length]} ${NAMES[(n * 11 + (n >> 4)) % NAMES.length]}`;
    return { sku: `p${n}`, title: `${color} ${KINDS[(n * 5 + (n >> 2)) % KINDS.length]} ${name}`, color };
  });
}

const csv = (rows) =>
  `${[Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(',')).join('\n')}\n`;

const folder = await mkdtemp(join(tmpdir(), 'attune-season-'));
const at = (name) => join(folder, name);
try {
  const season = products(300, ['Peach', 'Sand', 'Lilac', 'Red'], 1000);
  await writeFile(at('products.csv'), csv(products(400, ['Red', 'Blue', 'Green'], 0)));
  await writeFile(at('season.csv'), csv(season.map((product) => ({ ...product, color: '' }))));
  const reviews = season
    .slice(0, 200)
    .map(({ sku, color }) => ({ product: sku, attribute: 'color', value: color, reviewer: 'ann' }));
  await writeFile(at('reviews.csv'), csv(reviews));

  // A tiny encoder, so that this takes seconds; leave these out for a real one.
  const settings = {
    'data.id': 'sku',
    inputs: { title: 'text' },
    attributes: { color: 'choice' },
    'model.layers': 1,
    'model.width': 32,
    'training.epochs': 4,
    'training.threads': 1,
  };
  await train({ files: [at('products.csv')], out: at('model'), settings });

  const looked = { model: at('model'), files: [at('season.csv')], reviews: [at('reviews.csv')], threads: 1 };
  const before = await monitor(looked);
  for (const { message } of before.alerts) console.log(`alert: ${message}`);
  console.log(`right before: ${before.accuracy[0].measured.accuracy.toFixed(2)} of the reviewed colours`);

  const { outcome, verdict } = await retrain({
    model: at('model'),
    files: [at('season.csv')],
    reviews: [at('reviews.csv')],
  });
  console.log(`${outcome}: ${verdict.reasons.join(' ')}`);
  const reviewed = verdict.sets.find(({ name }) => name === 'reviews');
  console.log(
    `right after: ${reviewed.challenger.toFixed(2)} of ${reviewed.rows} reviewed colours that it had not seen`,
  );

  await rollBack(at('model'));
  console.log('rolled back');
  if (outcome !== 'promoted' || reviewed.challenger < 0.9 || before.accuracy[0].measured.accuracy > 0.5)
    throw new Error('The season went otherwise than it should.');
  console.log('The season went as it should.');
} finally {
  await rm(folder, { recursive: true, force: true });
}
