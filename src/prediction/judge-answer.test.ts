import { expect, it } from 'vitest';
import { type GivenAnswer, isAsSaid } from './judge-answer.ts';

const judged = (answer: Partial<GivenAnswer> & Pick<GivenAnswer, 'value'>, values: string[], unit?: string) =>
  isAsSaid({ kind: null, ...answer }, { values, ...(unit === undefined ? {} : { unit }) });

it('numbers are right within their tolerance, in whatever unit they were said', () => {
  const weight = { kind: 'number', value: 1200, unit: 'g' } as const;
  expect(['1200', '1180', '1.2 kg', '1000', 'heavy', ''].map((text) => judged(weight, [text]))).toEqual([
    ...[true, true, true, false, false, false],
  ]);
  expect([
    judged(weight, ['1.2'], 'kg'),
    judged(weight, ['1.2 kg'], 'g'),
    judged(weight, ['1.2'], 'g'),
  ]).toEqual([...[true, true, false]]);
  expect(judged({ value: 1200 }, ['1200'], 'g'), 'the unit was not kept').toBe(true);
  expect([judged(weight, []), judged({ ...weight, value: null }, [])]).toEqual([false, true]);
});

it('several values are a set; of several pieces of a text the first is the answer; a written list is one whole', () => {
  const values = ['wool', 'silk'];
  expect(judged({ kind: 'multi', value: values }, ['silk', ' wool', 'silk'])).toBe(true);
  expect(judged({ value: values }, ['silk'])).toBe(false);
  expect(judged({ kind: 'multi', value: [] }, [])).toBe(true);
  expect(judged({ kind: 'extract', value: values }, ['wool'])).toBe(true);
  expect(judged({ kind: 'extract', value: values }, ['silk'])).toBe(false);
  expect(judged({ kind: 'generate', value: values }, ['silk', 'wool'])).toBe(false);
  expect(judged({ kind: 'choice', value: 'Red' }, ['Blue', 'Red '])).toBe(true);
});
