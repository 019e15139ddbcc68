/**
 * What a catalog of 10 thousand to a million rows (1 KB each) costs: inspecting it, splitting it with its near-copies
 * kept together, training one epoch on its titles and predicting every row. The model is as small as models get (2
 * layers, 32 wide), because what is measured is that memory stays flat. Each job runs in a process of its own, which
 * measures its own peak memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../src/attune/config.ts';
import { predictFile, train } from '../src/attune.ts';
import { Random } from '../src/base/random.ts';
import { openCatalog } from '../src/catalog/catalog.ts';
import { inspect } from '../src/catalog/inspect/inspect.ts';
import { Source } from '../src/catalog/source.ts';
import { specOfConfig } from '../src/catalog/spec-of-config.ts';
import type { Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';

export const OPTIONS: OwnOptions = {
  rows: 'sizes to run, divided by commas (default 10000,100000,1000000)',
  jobs: 'what to do with each, divided by commas (default inspect,split,train,predict); predict needs train before it',
};

const CHARACTERS_EACH = 980;
const LIMIT_MB = 1500;

const JOBS = {
  inspect: 'inspect',
  split: 'split',
  train: 'train an epoch',
  predict: 'predict',
} as const;
type Job = keyof typeof JOBS;

type Measured = { readonly seconds: number; readonly peakMb: number };

export async function run({ own, say }: BenchOptions): Promise<readonly Figure[]> {
  const sizes = (own.rows ?? '10000,100000,1000000').split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new Error(`--rows ${own.rows}: whole numbers`);
  const folder = await mkdtemp(join(tmpdir(), 'attune-catalog-scale-'));
  const figures: Figure[] = [];
  const all = Object.keys(JOBS) as Job[];
  const jobs = (own.jobs?.split(',') ?? all) as Job[];
  const unknown = jobs.filter((job) => !all.includes(job));
  if (unknown.length > 0) throw new Error(`--jobs ${own.jobs}: known are ${all.join(', ')}`);
  say(
    [
      '      rows',
      '      MB',
      ...jobs.flatMap((job) => [`${job} s`.padStart(11), 'peak MB'.padStart(9)]),
    ].join(''),
  );
  try {
    for (const rows of sizes) {
      const path = join(folder, `catalog-${rows}.csv`);
      await generate(path, rows);
      const megabytes = (await stat(path)).size / 1e6;
      figures.push({ name: `${rows} rows`, value: megabytes, unit: 'MB' });
      let line = String(rows).padStart(10) + megabytes.toFixed(0).padStart(8);
      for (const job of jobs) {
        const { seconds, peakMb } = await measureInChild(job, path, folder);
        figures.push(
          { name: `${rows} rows ${JOBS[job]}`, value: seconds, unit: 's' },
          { name: `${rows} rows ${JOBS[job]} peak memory`, value: peakMb, unit: 'MB' },
        );
        line += seconds.toFixed(1).padStart(11) + peakMb.toFixed(0).padStart(9);
        if (peakMb > LIMIT_MB) line += ` (over the limit of ${LIMIT_MB} MB)`;
      }
      say(line);
      await rm(path);
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

async function measureInChild(job: Job, path: string, folder: string): Promise<Measured> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), job, path, folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The process of ${job} on ${path} ended with ${code}.`);
  return JSON.parse(said) as Measured;
}

const CONFIG = configSchema.parse({
  data: { id: 'sku', group: 'parent', category: 'category', split: { dev: 0.1, test: 0.1 } },
  inputs: { title: { kind: 'text', maxTokens: 16 } },
  attributes: { color: 'choice', material: 'choice' },
  model: { layers: 2, width: 32, vocabulary: 4000, maxTokens: 32 },
  training: { epochs: 1, batchSize: 256, maxTokensPerMicroBatch: 8192, threads: 2 },
});

/** What the child does. */
const WORK: Readonly<Record<Job, (path: string, folder: string) => Promise<unknown>>> = {
  inspect: async (path, folder) => {
    const source = await Source.open({ paths: [path], scratch: folder });
    await inspect(source);
    source.close();
  },
  // All its texts are compared, the titles are only what is trained on.
  split: async (path, folder) => {
    const spec = specOfConfig(CONFIG, { paths: [path] });
    const texts = [...spec.texts, { name: 'description', columns: ['description'] }];
    const catalog = await openCatalog({ ...spec, texts, scratch: folder });
    catalog.close();
  },
  train: (path, folder) =>
    train({ config: { ...CONFIG, data: { ...CONFIG.data, path } }, out: join(folder, 'bundle') }),
  predict: (path, folder) =>
    predictFile({
      model: join(folder, 'bundle'),
      files: [path],
      out: join(folder, 'predictions.csv'),
      overwrite: true,
      threads: 2,
    }),
};

const [, script, job, path, folder] = process.argv;
if (script === fileURLToPath(import.meta.url) && path !== undefined && folder !== undefined) {
  const start = performance.now();
  await WORK[job as Job](path, folder);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peakMb: process.resourceUsage().maxRSS / 1024 }));
}
