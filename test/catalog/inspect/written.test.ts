/** What an inspection is written as: a config, and text for a terminal. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseYamlConfig } from '../../../src/base/config-errors.ts';
import { catalogConfigSchema } from '../../../src/catalog/config.ts';
import { toConfigYaml } from '../../../src/catalog/inspect/config-yaml.ts';
import type { Inspection } from '../../../src/catalog/inspect/inspection.ts';
import { renderInspection } from '../../../src/catalog/inspect/render.ts';
import { type Cell, catalog, csv, testInspections } from './inspected.ts';

const { inspected } = testInspections();
/** The catalog with a column of every role, inspected once. */
let whole: Inspection;
beforeAll(async () => {
  whole = await inspected('catalog.csv', catalog(600));
});

describe('what an inspection is written as', () => {
  it('is an attune.yaml that parses to the roles that were found', () => {
    const text = toConfigYaml(whole, { paths: ['yaml.csv'] });
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./node_modules/attune/docs/attune.schema.json',
    );
    const config = parseYamlConfig(text, catalogConfigSchema, 'attune.yaml');
    expect(config.data).toMatchObject({
      path: 'yaml.csv',
      id: 'sku',
      group: 'parent_sku',
      category: 'category',
    });
    expect(Object.keys(config.inputs)).toEqual(['title', 'description']);
    expect(config.attributes).toMatchObject({
      color: { kind: 'choice' },
      tags: { kind: 'multi', separator: ' | ' },
      brand: { kind: 'extract' },
      weight: { kind: 'number', unit: 'g' },
    });
  });

  it('parses whatever columns and values are called', async () => {
    const head = ['title', 'a: b', '#c', '- d', 'e"f', "g'h", '{i}', 'no', '12', 'two\nlines'];
    const rows = Array.from({ length: 60 }, (_, i): Cell[] => [
      `a fine thing of many words ${i * 7919}`,
      ...head.slice(1).map((_, j) => ['x: y', '# z', '"q"', '{w}\n', '*'][(i + j) % 5]),
    ]);
    const inspection = await inspected('names.csv', csv(head, rows));
    const config = parseYamlConfig(toConfigYaml(inspection), catalogConfigSchema, 'attune.yaml');
    expect(Object.keys(config.attributes).sort()).toEqual(
      inspection.attributes
        .filter(({ usable }) => usable)
        .map(({ name }) => name)
        .sort(),
    );
    expect(Object.keys(config.attributes).length).toBeGreaterThan(6);
  });

  it('fits the width of a terminal', () => {
    const text = renderInspection(whole, 90);
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(90);
    expect(text).toContain('text input');
    expect(text).toContain('number (g)');
  });

  it('is the same each time', async () => {
    expect(await inspected('catalog.csv', catalog(600))).toEqual(whole);
  });
});
