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
