#!/usr/bin/env node
/**
 * Generates the Boutique: an invented shop with known truth.
 *
 *   node examples/boutique/generate.mjs                              the committed tables, again
 *   node examples/boutique/generate.mjs --only products,truth --products 100000 --seed 7 --out /tmp/big
 *   node examples/boutique/generate.mjs --only pictures,sounds       data/media/, not committed
 */

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PARTS } from './generate/parts.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const TABLES = Object.keys(PARTS).filter((name) => !PARTS[name].media);

const { values } = parseArgs({
  options: {
    products: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
    only: { type: 'string', default: TABLES.join(',') },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`node generate.mjs [--products N] [--seed N] [--out DIR] [--only LIST]
  --products  rows of products.csv (2000)
  --seed      another seed makes another shop (1)
  --out       folder of the tables (data beside this file); pictures and sounds go to media in it
  --only      parts, by comma: ${Object.keys(PARTS).join(', ')}`);
  process.exit(0);
}

const products = Number(values.products);
const seed = Number(values.seed);
const names = values.only.split(',');
const unknown = names.filter((name) => PARTS[name] === undefined);
if (!Number.isInteger(products) || products < 1 || !Number.isInteger(seed) || unknown.length > 0) {
  console.error(
    unknown.length > 0
      ? `There is no part "${unknown.join('", "')}". Parts: ${Object.keys(PARTS).join(', ')}.`
      : `--products and --seed must be whole numbers, --products at least 1. Got ${values.products} and ${values.seed}.`,
  );
  process.exit(2);
}

const out = values.out ?? join(here, 'data');
for (const name of names) {
  const written = await PARTS[name].write({ seed, products, out, media: join(out, 'media') });
  console.log(`${name}: ${written}`);
}
