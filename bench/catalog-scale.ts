/**
 * What a catalog of 10 thousand to a million rows (1 KB each) costs: inspecting it, splitting it with its near-copies
 * kept together, and streaming all of it once, as training and prediction do. Each size runs in a process of its own,
 * which measures its own peak memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Random } from '../src/base/random.ts';
import { openCatalog } from '../src/catalog/catalog.ts';
import { inspect } from '../src/catalog/inspect/inspect.ts';
import { TableWriter } from '../src/catalog/output.ts';
import { Source } from '../src/catalog/source.ts';
import type { Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';

export const OPTIONS: OwnOptions = {
  rows: 'sizes to run, divided by commas (default 10000,100000,1000000)',
};

const CHARACTERS_EACH = 980;
const LIMIT_MB = 1500;

type Measured = {
  readonly inspectS: number;
  readonly splitS: number;
  readonly productsS: number;
  readonly predictS: number;
  readonly peakMb: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly nearCopies: number;
};

export async function run({ own, say }: BenchOptions): Promise<readonly Figure[]> {
  const sizes = (own.rows ?? '10000,100000,1000000').split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new Error(`--rows ${own.rows}: whole numbers`);
  const folder = await mkdtemp(join(tmpdir(), 'attune-catalog-scale-'));
  const figures: Figure[] = [];
  say('      rows      MB  inspect s  split s  products s  rows in and out s  peak MB');
  try {
    for (const rows of sizes) {
      const path = join(folder, `catalog-${rows}.csv`);
      await generate(path, rows);
      const megabytes = (await stat(path)).size / 1e6;
      const measured = await measureInChild(path, folder);
      await rm(path);
      const { inspectS, splitS, productsS, predictS, peakMb } = measured;
      say(
        [
          String(rows).padStart(10),
          megabytes.toFixed(0).padStart(8),
          inspectS.toFixed(1).padStart(11),
          splitS.toFixed(1).padStart(9),
          productsS.toFixed(1).padStart(12),
          predictS.toFixed(1).padStart(19),
          peakMb.toFixed(0).padStart(9),
        ].join(''),
      );
      figures.push(
        { name: `${rows} rows size`, value: megabytes, unit: 'MB' },
        { name: `${rows} rows inspect`, value: inspectS, unit: 's' },
        { name: `${rows} rows split`, value: splitS, unit: 's' },
        { name: `${rows} rows stream products`, value: productsS, unit: 's' },
        { name: `${rows} rows read and write`, value: predictS, unit: 's' },
        { name: `${rows} rows peak memory`, value: peakMb, unit: 'MB' },
      );
      if (peakMb > LIMIT_MB) say(`  over the limit of ${LIMIT_MB} MB`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

/**
 * A catalog as suppliers send it: a description of about 1 KB from a vocabulary with few common and many rare words,
 * a variant in every fifth row, a near-copy of the row before in every fiftieth, a line break in some cells.
 */
async function generate(path: string, rows: number): Promise<void> {
  const random = new Random(2026, rows);
  const words = Array.from({ length: 20_000 }, () => syllables(random));
  const colors = ['Red', 'Blue', 'Green', 'Black', 'White', 'Navy', 'Olive', 'Beige'];
  const materials = ['Cotton', 'Linen', 'Wool', 'Silk', 'Leather', 'Steel', 'Oak'];
  const kinds = ['Shirt', 'Boot', 'Lamp', 'Chair', 'Mug', 'Scarf', 'Tent', 'Knife'];
  // Zipf's law: the word of rank r about once in r.
  const word = () => words[Math.floor(words.length ** random.uniform()) - 1]!;
  const file = createWriteStream(path);
  file.write('sku,parent,category,title,description,color,material,price\n');
  let last = { title: '', description: '' };
  for (let row = 0; row < rows; row++) {
    const color = random.pick(colors);
    const material = random.pick(materials);
    const kind = random.pick(kinds);
    let { title, description } = last;
    if (row % 50 === 49) title = `${title} (new)`;
    else {
      title = `${color} ${material} ${kind} ${word()} ${word()} ${word()}`;
      description = '';
      while (description.length < CHARACTERS_EACH - 140) description += `${word()} `;
      if (row % 10 === 0) description += `\nCare: ""${word()}""`;
    }
    last = { title, description };
    const parent = row % 5 === 4 ? `P-${row - 4}` : `P-${row}`;
    const line = `SKU-${row},${parent},${kind},${title},"${description}",${color},${material},${random.below(9000) / 100}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

function syllables(random: Random): string {
  const count = 1 + random.below(3);
  let text = '';
  for (let i = 0; i <= count; i++)
    text += `${random.pick([...'bcdfghklmnprstvwz'])}${random.pick([...'aeiou'])}`;
  return random.uniform() < 0.5 ? text : `${text}${random.pick([...'nrst'])}`;
}

async function measureInChild(path: string, scratch: string): Promise<Measured> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), path, scratch],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (code !== 0) throw new Error(`The process of ${path} ended with ${code}.`);
  return JSON.parse(said) as Measured;
}

/** What the child does. */
async function measure(path: string, scratch: string): Promise<Measured> {
  const inspectS = await seconds(async () => {
    const source = await Source.open({ paths: [path], scratch });
    await inspect(source);
    source.close();
  });
  const texts = ['title', 'description'].map((name) => ({ name, columns: [name] }));
  const attributes = ['color', 'material'].map((name) => ({ name, column: name, kind: 'choice' as const }));
  const roles = { id: 'sku', group: 'parent', category: 'category' };
  const split = { by: 'hash', dev: 0.1, test: 0.1, seed: 1 } as const;
  const splitStart = performance.now();
  const catalog = await openCatalog({
    paths: [path],
    scratch,
    layout: 'auto',
    texts,
    attributes,
    ...roles,
    split,
  });
  const splitS = (performance.now() - splitStart) / 1000;
  const productsS = await seconds(async () => {
    let count = 0;
    for await (const batch of catalog.products({ order: 'shuffled', seed: 1 })) count += batch.length;
    const { train, dev, test } = catalog.counts;
    if (count !== train + dev + test) throw new Error(`${count} products came of ${train + dev + test}.`);
  });
  const predictS = await seconds(async () => {
    const columns = [...catalog.columns, { name: 'color.predicted', type: 'VARCHAR' }];
    const writer = await TableWriter.open(join(scratch, 'predictions.csv'), columns, { overwrite: true });
    for await (const batch of catalog.rows()) {
      await writer.write(batch.map(({ own }) => ({ ...own, 'color.predicted': 'Red' })));
    }
    await writer.commit();
    await rm(writer.path);
  });
  const { counts, duplicates } = catalog;
  catalog.close();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return { inspectS, splitS, productsS, predictS, peakMb, counts, nearCopies: duplicates.nearCopies };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const [, script, path, scratch] = process.argv;
if (script === fileURLToPath(import.meta.url) && path !== undefined && scratch !== undefined) {
  console.log(JSON.stringify(await measure(path, scratch)));
}
