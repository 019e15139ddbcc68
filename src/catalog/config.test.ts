import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYamlConfig } from '../base/config-errors.ts';
import { attributeSchema, catalogConfigSchema } from './config.ts';

const read = (text: string) => parseYamlConfig(text, catalogConfigSchema, 'attune.yaml');

describe('the catalog sections of attune.yaml', () => {
  it('reads the example of the conventions', () => {
    const config = read(`
data: {path: catalog.csv, id: sku, split: {by: hash, dev: 0.1, test: 0.1}}
inputs: {title: text, description: text}
attributes: {color: choice, material: multi, weight: {kind: number, unit: g}, brand: extract}
`);
    expect(config.data).toMatchObject({
      path: 'catalog.csv',
      id: 'sku',
      layout: 'columns',
      encoding: 'utf-8',
    });
    expect(Object.entries(config.attributes).map(([name, { kind }]) => [name, kind])).toEqual([
      ['color', 'choice'],
      ['material', 'multi'],
      ['weight', 'number'],
      ['brand', 'extract'],
    ]);
    expect(config.inputs.title).toEqual({ kind: 'text', maxTokens: 128 });
    expect(read('inputs: {photo: image}').inputs.photo).toEqual({ kind: 'image', most: 1 });
  });

  it('parses its own output to itself', () => {
    const config = read(
      'attributes: {a: choice, b: {kind: number, unit: kg, decimal: comma}}\ninputs: {t: text}',
    );
    expect(catalogConfigSchema.parse(config)).toEqual(config);
  });

  it('reads numbers in a list of values as words', () => {
    const { attributes } = read('attributes: {size: {kind: choice, values: [36, 37.5, true]}}');
    expect(attributes.size).toMatchObject({ values: ['36', '37.5', 'true'] });
  });

  it.each([
    ['inputs: {clip: video}', 'must be text, image, audio, number, category, date or behaviour'],
    ['inputs: {clip: {kind: video}}', 'must be text, image, audio, number, category, date or behaviour'],
    ['inputs: {price: {kind: number, unit: grams}}', 'this unit is written "g"'],
    ['inputs: {photo: {kind: image, maxTokens: 3}}', '"inputs.photo.maxTokens" is not a known setting'],
    ['attributes: {blurb: {kind: generate, beams: 0}}', 'attributes.blurb.beams'],
    [
      'attributes: {blurb: {kind: generate, values: [a]}}',
      '"attributes.blurb.values" is not a known setting',
    ],
    ['attributes: {w: {kind: number, unit: grams}}', 'this unit is written "g"'],
    ['attributes: {w: {kind: number, unit: furlong}}', 'must be a unit that Attune knows'],
    ['attributes: {c: {kind: choice, unit: g}}', '"attributes.c.unit" is not a known setting'],
    ['data: {split: {by: time}}', '`by: time` needs `data.time`'],
    ['data: {split: {by: group}}', '`by: group` needs `data.group`'],
    ['data: {split: {by: column}}', '`by: column` needs `column`'],
    ['data: {split: {by: files}}', '`by: files` needs `files`'],
    ['data: {split: {column: side}}', 'only `by: column` reads this'],
    ['data: {split: {files: {dev: a}}}', 'only `by: files` reads this'],
    ['data: {split: {dev: 0.5, test: 0.4}}', 'together may be at most 0.8'],
    ['data: {encoding: ebcdic}', 'must be a character encoding such as utf-8'],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('describes every field in the JSON Schema that editors read', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, child] of Object.entries(node)) {
        if (key === 'properties')
          for (const [name, field] of Object.entries(child as Record<string, { description?: string }>))
            if (field.description === undefined) bare.push(`${path}.${name}`);
        visit(child, `${path}.${key}`);
      }
    };
    visit(z.toJSONSchema(catalogConfigSchema, { io: 'input' }), '');
    expect(bare).toEqual([]);
  });
});

describe('attributeSchema', () => {
  const learned = { values: ['Blue', 'Red'], synonyms: { Blue: ['BLUE'] } };

  it('takes learned values and variants where the config gives none', () => {
    const schema = attributeSchema('color', read('attributes: {color: choice}').attributes.color!, learned);
    expect(schema).toMatchObject({ name: 'color', values: ['Blue', 'Red'], synonyms: { Blue: ['BLUE'] } });
  });

  it('takes the values of the config where it gives some', () => {
    const config = read('attributes: {color: {kind: choice, values: [Navy], synonyms: {Navy: [dark]}}}');
    const schema = attributeSchema('color', config.attributes.color!, learned);
    expect(schema).toMatchObject({ values: ['Navy'], synonyms: { Navy: ['dark'] } });
  });

  it('lists no values for numbers and extracts', () => {
    const config = read('attributes: {w: {kind: number, unit: g}, brand: extract}');
    expect(attributeSchema('w', config.attributes.w!, learned)).toMatchObject({ unit: 'g', values: [] });
    expect(attributeSchema('brand', config.attributes.brand!, learned)).toMatchObject({
      values: [],
      synonyms: {},
    });
  });
});
