import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogConfigSchema } from '../config.ts';
import { Source } from '../source.ts';
import { completeConfig } from './complete-config.ts';
import { inspect } from './inspect.ts';
import type { Inspection } from './inspection.ts';

const parse = (sections: unknown) => catalogConfigSchema.parse(sections);
let folder = '';
let inspection: Inspection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-complete-'));
  const lines = Array.from({ length: 60 }, (_, i) =>
    JSON.stringify({
      sku: `s${i}`,
      name: `a fine thing of many words ${i * 7919}`,
      blurb: `it is number ${i * 104_729} of the line, and it is good`,
      split: ['train', 'val', 'test'][i % 3],
      facts: { color: ['Red', 'Blue'][i % 2], fit: ['Slim', 'Loose'][i % 2] },
    }),
  );
  const path = join(folder, 'facts.jsonl');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const source = await Source.open({ paths: [path], scratch: folder });
  inspection = await inspect(source);
  source.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('completeConfig', () => {
  it('fills an empty config with what was found', () => {
    const config = completeConfig(parse({}), inspection);
    expect(config.data).toMatchObject({
      id: 'sku',
      layout: 'nested',
      attributesColumn: 'facts',
      split: { by: 'column', column: 'split' },
    });
    expect(Object.keys(config.inputs)).toEqual(['name', 'blurb']);
    expect(config.attributes).toMatchObject({ color: { kind: 'choice' }, fit: { kind: 'choice' } });
  });

  it('leaves what the user set as it is', () => {
    const given = parse({
      data: { id: 'name', path: 'mine.jsonl', split: { by: 'files', files: { test: 't.jsonl' } } },
      inputs: { name: 'text' },
      attributes: { color: { kind: 'choice', values: ['Red', 'Blue'], synonyms: { Blue: ['navy'] } } },
    });
    const config = completeConfig(given, inspection);
    expect(config.data).toMatchObject({
      id: 'name',
      path: 'mine.jsonl',
      layout: 'nested',
      split: { by: 'files' },
    });
    expect(config.inputs).toEqual(given.inputs);
    expect(config.attributes).toEqual(given.attributes);
  });

  it('keeps a layout that was asked for, with its columns', () => {
    const given = parse({ data: { id: 'sku', layout: 'nested', attributesColumn: 'other' } });
    expect(completeConfig(given, inspection).data).toMatchObject({
      layout: 'nested',
      attributesColumn: 'other',
    });
  });
});
