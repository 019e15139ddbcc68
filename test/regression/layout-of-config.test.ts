/** A config without inputs or attributes let its defaults overwrite the layout that was found in the file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/attune/load-config.ts';
import { shop } from '../e2e/shop.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-regression-'));
  const lines = shop(60).map(({ sku, title, description, color, material }) =>
    JSON.stringify({ sku, title, description, facts: { color: color || null, material: material || null } }),
  );
  writeFileSync(join(folder, 'nested.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'attune.yaml'), 'data: {path: nested.jsonl}\ntraining: {epochs: 1}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a config that says nothing of the layout gets the one of the file', async () => {
  const { config, inferred } = await loadConfig({
    files: [],
    configFile: join(folder, 'attune.yaml'),
    settings: ['attributes.color=choice'],
  });
  expect(config.data).toMatchObject({ layout: 'nested', attributesColumn: 'facts', id: 'sku' });
  expect(config.attributes.color).toMatchObject({ kind: 'choice' });
  expect(config.training.epochs).toBe(1);
  expect(inferred).toBeUndefined();
});

it('a setting that says how the file is read is heeded when the file is looked at', async () => {
  const path = join(folder, 'semicolons.txt.csv');
  writeFileSync(
    path,
    Buffer.from(
      `sku;title;color\n${shop(60)
        .map(({ sku, title, color }) => `${sku};${title} für alle;${color}`)
        .join('\n')}\n`,
      'latin1',
    ),
  );
  const { config, inferred } = await loadConfig({ files: [path], settings: ['data.encoding=latin-1'] });
  expect(config.data).toMatchObject({ encoding: 'latin-1', id: 'sku' });
  expect(Object.keys(config.attributes)).toEqual(['color']);
  expect(inferred).toContain('color');
});
