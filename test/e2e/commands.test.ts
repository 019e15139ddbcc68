/** The way through the commands that a user takes: train, evaluate, predict, export, serve. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { attune, ended, type Ran, start, workspace } from './attune.ts';
import { config, csv, openShop, type ShopProduct, shop } from './shop.ts';

const { folder } = workspace('commands');
let products: readonly ShopProduct[] = [];
let trained: Ran;

beforeAll(async () => {
  products = openShop(folder(), 80, { gates: '{color: {accuracy: 0}, weight: {r2: -1000}}' });
  trained = await attune(folder(), 'train', '--out', 'model', '--json');
}, 300_000);

it('train prints the plan and a line an epoch for people, and one object for machines', () => {
  expect(trained.code).toBe(0);
  expect(trained.stderr).toMatch(/memory {5}about \d+ MB at most/);
  expect(trained.stderr).toMatch(
    /Epoch 1: train loss [\d.]+, dev score [\d.]+ \(color [\d.-]+, material [\d.-]+, weight R2 -?[\d.]+\)/,
  );
  const result = JSON.parse(trained.stdout);
  expect(result.history).toHaveLength(2);
  expect(result.results.map(({ attribute }: { attribute: string }) => attribute)).toEqual([
    'color',
    'material',
    'weight',
  ]);
  for (const name of ['attune.json', 'model.safetensors', 'report.html', 'README.md', 'events'])
    expect(existsSync(join(folder(), 'model', name)), name).toBe(true);
});

it('evaluate gives the figures of other labelled products, a report, and 100 where a gate fails', async () => {
  writeFileSync(join(folder(), 'other.csv'), csv(shop(40, 9)));
  const ran = await attune(
    folder(),
    ...['evaluate', '--model', 'model', '--json', '--suspects', '--report', 'other.html', 'other.csv'],
  );
  expect(ran.code).toBe(0);
  const { products: count, results, gates, suspects } = JSON.parse(ran.stdout);
  expect(suspects.map(({ attribute }: { attribute: string }) => attribute).sort()).toEqual([
    'color',
    'material',
    'weight',
  ]);
  for (const { labels, learned } of suspects) expect(labels + learned).toBeGreaterThan(20);
  expect(count).toBeGreaterThan(30);
  expect(results[0]).toMatchObject({ attribute: 'color', kind: 'choice' });
  expect(gates.map(({ passed }: { passed: boolean }) => passed)).toEqual([true, true]);
  expect(readFileSync(join(folder(), 'other.html'), 'utf8')).toContain('other.csv');

  const wrong = shop(40, 9).map((product) => ({ ...product, color: product.color && 'Blue' }));
  writeFileSync(join(folder(), 'wrong.csv'), csv(wrong));
  const path = join(folder(), 'model', 'attune.json');
  const file = readFileSync(path, 'utf8');
  const strict = JSON.parse(file);
  strict.config.gates = { color: { accuracy: 0.99 } };
  writeFileSync(path, JSON.stringify(strict));
  const failed = await attune(folder(), 'evaluate', '--model', 'model', 'wrong.csv');
  writeFileSync(path, file);
  expect(failed.code).toBe(100);
  expect(failed.stderr).toMatch(/failed color: accuracy [\d.]+ is below the required 0.99/);
  expect(failed.stdout).toContain('all 3');

  writeFileSync(
    join(folder(), 'bare.csv'),
    csv(shop(5, 3).map(({ sku, title, description }) => ({ sku, title, description }))),
  );
  const bare = await attune(folder(), 'evaluate', '--model', 'model', 'bare.csv');
  expect(bare.stderr).toContain('[prediction/no-labels]');
});

it('predict writes every format, keeps the columns and the order, and lists alternatives', async () => {
  const asked = shop(30, 4).map(({ sku, title, description }) => ({
    sku,
    note: `my, "${sku}"`,
    title,
    description,
  }));
  writeFileSync(join(folder(), 'asked.csv'), csv(asked));
  const read: unknown[] = [];
  for (const out of ['out.csv', 'out.tsv', 'out.jsonl', 'out.parquet', 'out.csv.gz']) {
    const ran = await attune(
      folder(),
      'predict',
      '--model',
      'model',
      '--out',
      out,
      '--top-k',
      '2',
      '--json',
      'asked.csv',
    );
    expect(ran.stderr).toContain('There is no column "kind" (for the category)');
    expect(JSON.parse(ran.stdout)).toMatchObject({ rows: 30, rejected: 0, finished: true });
    read.push(await cellsOf(join(folder(), out)));
  }
  const [first, ...others] = read as Record<string, unknown>[][];
  for (const other of others) expect(other).toEqual(first);
  expect(first!.map(({ sku, note }) => ({ sku, note }))).toEqual(
    asked.map(({ sku, note }) => ({ sku, note })),
  );
  for (const row of first!) {
    expect(['Red', 'Blue', 'Green']).toContain(row.predicted_color);
    expect(['auto', 'review']).toContain(row.predicted_color_status);
    const alternatives = JSON.parse(String(row.predicted_color_alternatives));
    expect(alternatives).toHaveLength(2);
    expect(alternatives[0].confidence).toBeGreaterThanOrEqual(alternatives[1].confidence);
  }
  const again = await attune(folder(), 'predict', '--model', 'model', '--out', 'out.csv', 'asked.csv');
  expect(again.stderr).toContain('[catalog/output-exists]');
});

/** Every cell as text, by column. */
async function cellsOf(path: string): Promise<Record<string, unknown>[]> {
  const catalog = await openCatalog({
    paths: [path],
    layout: { kind: 'columns' },
    texts: [],
    attributes: [],
  });
  const rows: Record<string, unknown>[] = [];
  try {
    for await (const chunk of catalog.rows())
      for (const { own } of chunk)
        rows.push(
          Object.fromEntries(
            Object.entries(own).map(([name, cell]) => [
              name,
              cell === null || cell === '' ? '' : String(cell),
            ]),
          ),
        );
  } finally {
    catalog.close();
  }
  return rows;
}

it('predict writes the same whatever the number of threads, and otherwise in int8', async () => {
  writeFileSync(join(folder(), 'some.csv'), csv(shop(700, 6)));
  const written = async (...options: readonly string[]) => {
    const to = ['--overwrite', '--out', 'some.jsonl', 'some.csv'];
    const ran = await attune(folder(), 'predict', '--model', 'wide', ...options, ...to);
    expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
    return readFileSync(join(folder(), 'some.jsonl'), 'utf8');
  };
  await attune(folder(), 'train', '--out', 'wide', '--set', 'model.width=256', '--set', 'training.epochs=1');
  const one = await written('--threads', '1', '--precision', 'int8');
  expect(await written('--threads', '3', '--precision', 'int8')).toBe(one);
  const exact = await written('--threads', '1');
  expect(await written('--threads', '2', '--precision', 'fp32')).toBe(exact);
  expect(one).not.toBe(exact);
});

it('predict, killed and called again, goes on and leaves the bytes of a run that was not', {
  timeout: 300_000,
}, async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ ...shop(1, i % 50)[0]!, sku: `r${i}` }));
  writeFileSync(join(folder(), 'many.csv'), csv(rows));
  const command = (out: string) => [
    'predict',
    '--model',
    'model',
    '--threads',
    '1',
    '--out',
    out,
    'many.csv',
  ];
  const child = start(folder(), command('killed.csv'));
  const running = ended(child);
  while (!existsSync(join(folder(), 'killed.csv.partial.json'))) await wait(10);
  child.kill('SIGKILL');
  await running;
  expect(existsSync(join(folder(), 'killed.csv'))).toBe(false);
  const resumed = await attune(folder(), ...command('killed.csv'), '--json');
  expect(JSON.parse(resumed.stdout).resumedRows).toBeGreaterThan(0);
  expect((await attune(folder(), ...command('calm.csv'))).code).toBe(0);
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder(), name)))
      .digest('hex');
  expect(hash('killed.csv')).toBe(hash('calm.csv'));
});

it('export writes an ONNX file of standard operators and a Hugging Face folder, once', async () => {
  const onnx = await attune(folder(), 'export', '--model', 'model', '--to', 'onnx', '--json', 'model.onnx');
  expect(onnx.code).toBe(0);
  const { difference, checkedOn } = JSON.parse(onnx.stdout);
  expect(difference).toBeLessThan(1e-4);
  expect(checkedOn).toBeGreaterThan(0);
  expect(readFileSync(join(folder(), 'model.onnx')).includes('com.microsoft')).toBe(false);
  const again = await attune(folder(), 'export', '--model', 'model', '--to', 'onnx', 'model.onnx');
  expect(again.stderr).toContain('[prediction/export-exists]');
  const folderRan = await attune(folder(), 'export', '--model', 'model', '--to', 'huggingface', 'encoder');
  expect(folderRan.code).toBe(0);
  // The folder is a checkpoint to train from.
  writeFileSync(
    join(folder(), 'from.yaml'),
    config({ model: '{text: ./encoder}', training: '{epochs: 1, threads: 1}' }),
  );
  const from = await attune(folder(), 'train', '-c', 'from.yaml', '--out', 'second');
  expect(from.stderr).toContain('encoder (bert, 2 layers, 32 wide)');
  expect(from.code).toBe(0);
});

it('serve answers as predict does, and closes when it is told to', async () => {
  const child = start(folder(), ['serve', '--model', 'model', '--port', '0', '--json']);
  const running = ended(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: string) => resolve(JSON.parse(text).url));
    running.then(({ stderr }) => reject(new Error(stderr)));
  });
  const { sku, kind, title, description } = products[0]!;
  const response = await fetch(`${url}/v1/products:predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ products: [{ id: sku, category: kind, title, description }] }),
  });
  const { predictions } = (await response.json()) as {
    predictions: { attributes: Record<string, { value: unknown; status: string }> }[];
  };
  writeFileSync(join(folder(), 'one.csv'), csv([products[0]!]));
  await attune(folder(), 'predict', '--model', 'model', '--out', 'one.jsonl', 'one.csv');
  const row = JSON.parse(readFileSync(join(folder(), 'one.jsonl'), 'utf8'));
  for (const name of ['color', 'material', 'weight'])
    expect(predictions[0]!.attributes[name]!.value).toEqual(row[`predicted_${name}`] ?? null);
  child.kill('SIGTERM');
  expect((await running).code).toBe(0);
});
