/** What inspect warns of. */
import { describe, expect, it } from 'vitest';
import { catalogConfigSchema } from '../../../src/catalog/config.ts';
import {
  ADJECTIVES,
  type Cell,
  COLORS,
  catalog,
  csv,
  kindsOf,
  NOUNS,
  testInspections,
  warned,
} from './inspected.ts';

const { inspected } = testInspections();
describe('warnings of inspect', () => {
  /** A title and one attribute, 300 products. */
  const withLabels = (
    label: (i: number) => Cell,
    title = (i: number) => `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
  ) =>
    csv(
      ['title', 'mood'],
      Array.from({ length: 300 }, (_, i) => [title(i), label(i)]),
    );

  it('warns of a label that stands in the text', async () => {
    const leaky = await inspected(
      'leak.csv',
      withLabels(
        (i) => COLORS[i % 4],
        (i) => `a ${NOUNS[i % 6]} in ${COLORS[i % 4]!.toLowerCase()} with number ${i * 7919}`,
      ),
    );
    expect(warned(leaky, 'leak')).toEqual(['mood']);
    const honest = await inspected(
      'honest.csv',
      withLabels((i) => COLORS[i % 4]),
    );
    expect(warned(honest, 'leak')).toEqual([]);
  });

  it('warns of copies, repeated ids and texts that are missing', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `id${i % 290}`,
      i % 10 === 0
        ? undefined
        : `${ADJECTIVES[Math.floor(i / 3) % 7]} ${NOUNS[Math.floor(i / 3) % 6]}${i % 2 === 0 ? ',' : ''} item ${Math.floor(i / 3) * 7919}`,
      COLORS[i % 4],
    ]);
    const inspection = await inspected('copies.csv', csv(['id', 'title', 'color'], rows));
    expect(warned(inspection, 'duplicate-ids')).toEqual(['id']);
    expect(warned(inspection, 'near-duplicates')).toEqual(['title']);
    expect(warned(inspection, 'missing-text')).toEqual(['title']);
  });

  it('warns of attributes that cannot be learned', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
      i < 100 ? 'yes' : undefined,
      i < 2 ? 'rare' : COLORS[i % 4],
      i % 60 === 0 ? 'null' : COLORS[i % 4],
      i % 3 === 0 ? 'navy blue' : i % 3 === 1 ? 'Navy-Blue' : 'Red',
    ]);
    const inspection = await inspected('poor.csv', csv(['title', 'same', 'some', 'holes', 'ways'], rows));
    expect(warned(inspection, 'single-value')).toEqual(['same']);
    expect(warned(inspection, 'rare-values')).toEqual(['some']);
    expect(warned(inspection, 'placeholder-cells')).toEqual(['holes']);
    expect(warned(inspection, 'spelling-variants')).toEqual(['ways']);
    expect(inspection.attributes.find(({ name }) => name === 'ways')!.distinct).toBe(2);
    expect(kindsOf(inspection).same).toBe('unusable');
  });

  it('warns of numbers that mix decimal marks', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
      i % 5 === 0 ? `${i},5` : `${i}.25`,
    ]);
    const inspection = await inspected('decimals.csv', csv(['title', 'length_cm'], rows));
    expect(kindsOf(inspection)).toEqual({ length_cm: 'number' });
    expect(inspection.attributes[0]!.unit).toBe('cm');
    expect(warned(inspection, 'mixed-decimals')).toEqual(['length_cm']);
  });

  it('warns of prices in several currencies, and of lengths among weights, with counts and an example', async () => {
    const currencies = ['USD', 'EUR', '£'];
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
      `${i + 1} ${currencies[i % 3]}`,
      i % 10 === 0 ? `${i} cm` : `${i} g`,
      `$${i}.90`,
    ]);
    const inspection = await inspected('units.csv', csv(['title', 'price', 'weight', 'cost'], rows));
    expect(warned(inspection, 'mixed-units')).toEqual(['price', 'weight']);
    const [price, weight] = inspection.warnings.filter(({ code }) => code === 'mixed-units');
    expect(price!.what).toMatch(/EUR \(100, e\.g\. "\d+ EUR"\), GBP \(100, .*USD \(100/);
    expect(weight!.what).toMatch(/g \(270, .*cm \(30/);
    expect(weight!.why).toContain('does not convert to g');
    expect(inspection.columns.find(({ name }) => name === 'cost')!.role).toBe('number');
  });

  it('stops where there is nothing to read or nothing to learn', async () => {
    const noText = await inspected(
      'no-text.csv',
      csv(
        ['a', 'b'],
        Array.from({ length: 30 }, (_, i) => [i % 3, i * 0.5]),
      ),
    );
    expect(noText.warnings[0]).toMatchObject({ code: 'no-text', level: 'error' });
    const noLabel = await inspected(
      'no-label.csv',
      csv(
        ['title'],
        Array.from({ length: 30 }, (_, i) => [`a fine thing ${i * 7919}`]),
      ),
    );
    expect(noLabel.warnings[0]).toMatchObject({ code: 'no-attributes', level: 'error' });
  });

  it('warns of an identifier among the inputs that a config names, and of an attribute that nobody has', async () => {
    const config = catalogConfigSchema.parse({
      inputs: { sku: 'text', title: 'text' },
      attributes: { color: 'choice', spare: 'choice' },
    });
    const inspection = await inspected('given.csv', catalog(240), config);
    expect(warned(inspection, 'identifier-input')).toEqual(['sku']);
    expect(warned(inspection, 'none-labelled')).toEqual(['spare']);
    expect(inspection.attributes.map(({ name }) => name)).toEqual(['color', 'spare']);
  });

  it('says what, where, why and what to do in whole sentences', async () => {
    const { warnings } = await inspected(
      'sentences.csv',
      withLabels((i) => (i === 0 ? 'odd' : 'even')),
    );
    expect(warnings.length).toBeGreaterThan(0);
    for (const { what, why, action } of warnings) {
      expect(what).toMatch(/[.:?]$/);
      expect(why).toMatch(/\.$/);
      expect(action).toMatch(/\.$/);
    }
  });
});
