import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import type { ChoiceSpec } from '../attribute/spec.ts';
import { MentionReader } from './mentions.ts';
import { trainWide, type WideExample } from './train-wide.ts';

const COLOR: ChoiceSpec = {
  attribute: 'color',
  kind: 'choice',
  values: ['Blue', 'Navy Blue', 'Red', 'Black', 'Green'],
  synonyms: { Blue: ['azure'], Black: ['Schwarz', '黑色', 'ébène'], Red: ['rosso'] },
  notApplicable: false,
};
const STRIPES: ChoiceSpec = {
  attribute: 'pattern',
  kind: 'choice',
  values: ['Stripes', 'Blue'],
  notApplicable: false,
};

/** What each field names, the first of it marked. */
function named(...texts: string[]): string[] {
  const [color] = new MentionReader([COLOR, STRIPES]).read(texts);
  return color!.columns.map(
    (column, i) =>
      `${COLOR.values[column]} in ${color!.slots[i]! >> 1}${color!.slots[i]! % 2 === 1 ? ' first' : ''}`,
  );
}

describe('MentionReader', () => {
  it('finds names and synonyms in each field, and says which came first', () => {
    expect(named('Red coat, red lining, azure buttons', 'a BLUE one')).toEqual([
      'Red in 0',
      'Red in 0 first',
      'Blue in 0',
      'Blue in 1',
      'Blue in 1 first',
    ]);
  });

  it('lets the longer of two names count, and no part of a word', () => {
    expect(named('navy blue jumper')).toEqual(['Navy Blue in 0', 'Navy Blue in 0 first']);
    expect(named('reduced, hundred, blueberry')).toEqual([]);
  });

  it('reads endings, accents and scripts without spaces', () => {
    const black = ['Black in 0', 'Black in 0 first'];
    expect(named('schwarze Jacke')).toEqual(black);
    expect(named('EBENE table')).toEqual(black);
    expect(named('新款黑色外套')).toEqual(black);
  });

  it('keeps attributes apart', () => {
    const [color, pattern] = new MentionReader([COLOR, STRIPES]).read(['blue stripe']);
    expect(color!.columns).toEqual([0, 0]);
    expect(pattern!.columns).toEqual([1, 1, 0]);
  });
});

describe('the wide part', () => {
  it('knows a value and a synonym that no training product has, where a text names it', async () => {
    const random = new Random(1);
    const words = ['soft', 'new', 'warm', 'classic', 'light'];
    const title = (value: string) => `${random.pick(words)} ${value} ${random.pick(words)} shirt`;
    const rows = Array.from({ length: 300 }, (): WideExample => {
      const value = random.pick(['Blue', 'Red', 'Black']);
      return { texts: [title(value)], labels: { color: { state: 'values', values: [value] } } };
    });
    const stream = async function* () {
      yield rows;
    };
    const model = await trainWide(stream, { choices: [COLOR] });
    for (const [name, value] of [
      ['green', 'Green'],
      ['rosso', 'Red'],
    ] as const) {
      const scores = model.scores({ texts: [title(name)] });
      expect(COLOR.values[scores.indexOf(Math.max(...scores))], name).toBe(value);
    }
  });
});
