import { describe, expect, it } from 'vitest';
import { fitNumber } from '../features/numbers/number-encoding.ts';
import { configSchema } from './config.ts';
import { givenAway, UnreadableCells } from './input-warnings.ts';

const number = (field: string) =>
  ({ field, kind: 'number', encoding: fitNumber({ unit: 'g' }).finish() }) as const;

describe('cells of inputs that cannot be read', () => {
  it('are counted with an example; empty ones are none, and of a category every cell can be read', () => {
    const cells = new UnreadableCells([number('weight'), number('height')]);
    for (const weight of ['250 g', 'heavy', '', '3 cm']) cells.read({ table: { weight, height: 'tall' } });
    cells.read({});
    expect(cells.warnings).toEqual([
      '2 of 3 cells of the input weight are no number, e.g. "heavy". They count as unreadable, which is a value of its own.',
      'All 4 cells of the input height are no number, e.g. "tall". The input says nothing.',
    ]);
  });

  it('so are the currencies and units of numbers that are read as they stand', () => {
    const bare = { field: 'price', kind: 'number', encoding: fitNumber({}).finish() } as const;
    const cells = new UnreadableCells([bare, number('weight')]);
    for (const price of ['12 USD', '11 EUR', '9 £']) cells.read({ table: { price, weight: '2 kg' } });
    cells.read({ table: { weight: '500 g' } });
    expect(cells.warnings).toEqual([
      expect.stringMatching(
        /^The cells of the input price name several .*: EUR \(1, e\.g\. "11 EUR"\), GBP .*, USD /,
      ),
    ]);
  });

  it('nothing is said where all can be read', () => {
    const cells = new UnreadableCells([number('weight')]);
    cells.read({ table: { weight: 12 } });
    expect(cells.warnings).toEqual([]);
  });
});

describe('attributes that an input gives away', () => {
  const config = (more: object) =>
    configSchema.parse({ attributes: { shape: 'choice' }, inputs: { title: 'text' }, ...more });

  it('are told by column, with the input that reads it', () => {
    const inputs = { title: 'text', form: { kind: 'category', column: 'shape' } };
    expect(givenAway(config({ inputs }))).toEqual([expect.stringMatching(/shape.*the input form/)]);
  });

  it('are none where columns differ', () => {
    expect(givenAway(config({}))).toEqual([]);
  });
});
