import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packInput, shareTokens } from './pack-input.ts';
import { readableSpan } from './span.ts';
import type { Encoding } from './tokenizer.ts';

const special = { cls: 101, sep: 102, pad: 0, mask: 103, unknown: 100 };
const field = (...ids: number[]): Encoding => ({
  ids: Int32Array.from(ids),
  starts: Int32Array.from(ids, (_, i) => 3 * i),
  ends: Int32Array.from(ids, (_, i) => 3 * i + 2),
});
const tokens = (count: number) => field(...Array.from({ length: count }, (_, i) => i + 1));

describe('templates', () => {
  const fields = [field(1, 2), field(), field(3)];
  const budgets = [9, 9, 9];

  it('marks fields as BERT does, and says which token is whose', () => {
    const packed = packInput(fields, budgets, special, 'bert', 20);
    expect([...packed.ids]).toEqual([101, 1, 2, 102, 3, 102]);
    expect([...packed.typeIds]).toEqual([0, 0, 0, 0, 1, 1]);
    expect([...packed.fields]).toEqual([-1, 0, 0, -1, 2, -1]);
    expect([...packed.starts]).toEqual([0, 0, 3, 0, 0, 0]);
    expect([...packed.ends]).toEqual([0, 2, 5, 0, 2, 0]);
  });

  it('doubles the separator between fields as RoBERTa does, all of type 0', () => {
    const packed = packInput(fields, budgets, special, 'roberta', 20);
    expect([...packed.ids]).toEqual([101, 1, 2, 102, 102, 3, 102]);
    expect([...packed.typeIds]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('ends each field with the end of text for GPT-2', () => {
    const packed = packInput(fields, budgets, { ...special, cls: undefined }, 'gpt2', 20);
    expect([...packed.ids]).toEqual([1, 2, 102, 3, 102]);
  });

  it('keeps the special tokens of a product without any text', () => {
    expect([...packInput([field()], [5], special, 'bert', 8).ids]).toEqual([101, 102]);
    expect([...packInput([], [], special, 'roberta', 8).ids]).toEqual([101, 102]);
  });
});

describe('budgets', () => {
  it('cut each field at its end', () => {
    const { ids } = packInput([tokens(5), tokens(5)], [2, 3], special, 'bert', 8);
    expect([...ids]).toEqual([101, 1, 2, 102, 1, 2, 3, 102]);
  });

  it('that are not used flow to the fields that are cut', () => {
    expect(shareTokens([3, 50, 50], [10, 10, 10], 30)).toEqual([3, 17, 10]);
    expect(shareTokens([3, 12, 50], [10, 10, 10], 30)).toEqual([3, 12, 15]);
  });

  it('are shared evenly among the fields that have none', () => {
    expect(shareTokens([50, 50, 4], [10, undefined, undefined], 30)).toEqual([10, 16, 4]);
    expect(shareTokens([50, 50], [undefined, undefined], 31)).toEqual([16, 15]);
  });

  it('that do not fit are reduced from the last field on', () => {
    expect(shareTokens([50, 50, 50], [10, 10, 10], 15)).toEqual([10, 4, 1]);
  });

  it('too small for the special tokens are refused with what is needed', () => {
    expect(() => packInput([tokens(3), tokens(3)], [2, 2], special, 'roberta', 5)).toThrow(
      /5 tokens has no room for 2 text fields and 4 special/,
    );
  });

  it('never leave room empty while a field is cut, never overflow, never drop a field', () => {
    const one = fc.record({
      length: fc.integer({ min: 1, max: 60 }),
      budget: fc.option(fc.nat(40), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.nat(80), (fields, extra) => {
        const lengths = fields.map(({ length }) => length);
        const budgets = fields.map(({ budget }) => budget);
        const room = fields.length + extra;
        const kept = shareTokens(lengths, budgets, room);
        const total = kept.reduce((a, b) => a + b, 0);
        const all = lengths.reduce((a, b) => a + b, 0);
        expect(total).toBe(Math.min(room, all));
        kept.forEach((count, i) => {
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(lengths[i]!);
        });
      }),
    );
  });
});

describe('readable spans', () => {
  const show = (text: string, start: number, end: number) => {
    const span = readableSpan(text, start, end);
    return text.slice(span.start, span.end);
  };

  it('keep a letter with its marks, and an emoji whole', () => {
    expect(show('cafe\u0301 au lait', 0, 4)).toBe('cafe\u0301');
    expect(show('a 👩‍👧 b', 2, 4)).toBe('👩‍👧');
    expect(show('👍🏽!', 1, 2)).toBe('👍🏽');
  });

  it('leave out white space at the edges', () => {
    expect(show('a  red shoe ', 1, 12)).toBe('red shoe');
    expect(show('   ', 0, 3)).toBe('');
  });
});
