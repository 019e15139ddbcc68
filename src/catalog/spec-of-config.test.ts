import { describe, expect, it } from 'vitest';
import { catalogConfigSchema } from './config.ts';
import { specOfConfig } from './spec-of-config.ts';

const config = (sections: unknown) => catalogConfigSchema.parse(sections);

describe('the spec of a config', () => {
  it('takes every key of the data section over', () => {
    const spec = specOfConfig(
      config({
        data: {
          path: ['a.csv', 'b.csv'],
          id: 'sku',
          group: 'parent',
          category: 'kind',
          time: 'listed',
          layout: 'long',
          attributeColumn: 'key',
          valueColumn: 'val',
          attributesPath: 'values.csv',
          notApplicable: ['-'],
          encoding: 'latin-1',
          delimiter: ';',
          split: { by: 'files', files: { test: 'test.csv' }, dev: 0.2, seed: 7 },
        },
        inputs: {
          title: 'text',
          body: { kind: 'text', column: ['short', 'long'] },
          photo: { kind: 'image', column: ['front', 'back'], most: 2 },
          clip: 'audio',
          price: { kind: 'number', column: 'Price' },
        },
        attributes: { color: 'choice', tags: { kind: 'multi', column: 'Tags', separator: ',' } },
      }),
    );
    expect(spec).toEqual({
      paths: ['a.csv', 'b.csv'],
      encoding: 'latin-1',
      delimiter: ';',
      layout: { kind: 'long', product: 'sku', attribute: 'key', value: 'val', path: 'values.csv' },
      id: 'sku',
      group: 'parent',
      category: 'kind',
      time: 'listed',
      texts: [
        { name: 'title', columns: ['title'] },
        { name: 'body', columns: ['short', 'long'] },
      ],
      media: [
        { name: 'photo', columns: ['front', 'back'], most: 2 },
        { name: 'clip', columns: ['clip'], most: 1 },
      ],
      table: [{ name: 'price', column: 'Price' }],
      attributes: [
        { name: 'color', column: 'color', kind: 'choice', separator: undefined },
        { name: 'tags', column: 'Tags', kind: 'multi', separator: ',' },
      ],
      notApplicable: ['-'],
      split: { by: 'files', devPaths: [], testPaths: ['test.csv'], dev: 0.2, test: 0.1, seed: 7 },
    });
  });

  it('reads neither labels nor splits when it only predicts, and the files it is given', () => {
    const spec = specOfConfig(config({ data: { path: 'a.csv' }, attributes: { color: 'choice' } }), {
      paths: ['new.csv'],
      split: false,
      labels: false,
    });
    expect(spec).toMatchObject({
      paths: ['new.csv'],
      attributes: [],
      split: undefined,
      layout: { kind: 'columns' },
    });
  });

  it('does not ask for the objects and files of attributes where no labels are read', () => {
    for (const data of [
      { layout: 'nested', attributesColumn: 'specs' },
      { layout: 'long', id: 'sku', attributesPath: 'values.csv' },
    ]) {
      const whole = config({ data: { path: 'a.csv', ...data } });
      expect(specOfConfig(whole, { labels: false }).layout).toEqual({ kind: 'columns' });
      expect(specOfConfig(whole).layout).toMatchObject({ kind: data.layout });
    }
  });

  it('takes texts from a file of their own, joined by the id or by a column that it names', () => {
    const reviews = { kind: 'text', column: ['title', 'text'], path: 'reviews.csv' };
    const data = { path: 'a.csv', id: 'sku' };
    const texts = (input: unknown) => specOfConfig(config({ data, inputs: { reviews: input } })).texts;
    const columns = ['title', 'text'];
    expect(texts(reviews)).toEqual([{ name: 'reviews', columns, from: { path: 'reviews.csv', key: 'sku' } }]);
    expect(texts({ ...reviews, key: 'product' })).toEqual([
      { name: 'reviews', columns, from: { path: 'reviews.csv', key: 'product' } },
    ]);
    expect(() => texts({ kind: 'text', key: 'product' })).toThrow('`key` needs `path`');
    const whole = config({ data, inputs: { reviews } });
    expect(specOfConfig(whole, { textFiles: { reviews: 'new.csv' } }).texts[0]!.from!.path).toBe('new.csv');
    expect(() => specOfConfig(whole, { textFiles: { review: 'new.csv' } })).toThrow('no text input "review"');
    expect(() => specOfConfig(config({ data: { path: 'a.csv' }, inputs: { reviews } }))).toThrow(
      'no id to join it by',
    );
  });

  it('says what is missing', () => {
    expect(() => specOfConfig(config({}))).toThrow('No data file was named');
    expect(() => specOfConfig(config({ data: { path: 'a.csv', layout: 'long' } }))).toThrow(
      'needs `data.id`',
    );
  });
});
