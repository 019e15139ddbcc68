import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chrF, type WrittenText } from '../../../src/evaluation/metrics/chrf.ts';
import { readJson } from '../fixture.ts';

const { cases } = readJson<{ cases: { texts: WrittenText[]; chrF: number }[] }>(
  new URL('./fixtures/chrf.json', import.meta.url),
);

describe('chrF', () => {
  it.each(cases.map((each) => [JSON.stringify(each.texts), each] as const))(
    'is what sacreBLEU says: %s',
    (_, { texts, chrF: expected }) => {
      expect(chrF(texts)).toBeCloseTo(expected, 12);
    },
  );

  it('lies between 0 and 1, is 1 for the same texts and does not mind their order', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const written = fc.record({ written: text, references: fc.array(text, { minLength: 1, maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 5 }), (texts) => {
        const value = chrF(texts)!;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(chrF(texts.toReversed())).toBeCloseTo(value, 12);
      }),
    );
    expect(chrF([{ written: 'Navy shoe', references: ['navy', 'Navy shoe'] }])).toBe(1);
    expect(chrF([])).toBeUndefined();
  });
});
