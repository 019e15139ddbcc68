/** Whether a model's answer is what a person said: judged as the figures of a training are, wherever people's answers are counted. */
import type { AttributeKind } from '../catalog/product.ts';
import { judgeRow } from '../evaluation/answers.ts';
import { readNumber } from '../features/numbers/number-encoding.ts';
import type { AttributePrediction } from './prediction.ts';

/** A predicted number counts as right within this share of the true one. */
export const NUMBER_TOLERANCE = 0.05;

export type GivenAnswer = Pick<AttributePrediction, 'value'> & {
  /** Null where it was not kept: then the value tells. */
  readonly kind: AttributeKind | null;
  /** Of a number. */
  readonly unit?: string | null | undefined;
};

export type SaidValues = {
  /** Numbers as texts; empty: the attribute is not applicable. */
  readonly values: readonly string[];
  /** Of a number; left out where the text says it, or it is the unit of the answer. */
  readonly unit?: string | null;
};

/** Numbers within their tolerance, several values as a set, a list that was written as a whole, else the first answer among those said. */
export function isAsSaid({ kind, value, unit }: GivenAnswer, said: SaidValues): boolean {
  const row = { attribute: '', confidences: [1] };
  const judged = kind ?? kindOf(value);
  const given = value === null ? [] : [value].flat().map((each) => String(each).trim());
  const values = said.values.map((each) => each.trim());
  if (judged === 'number') {
    const other = said.unit && unit && said.unit !== unit ? ` ${said.unit}` : '';
    const read = readNumber(values[0] && `${values[0]}${other}`, { unit });
    if (read.state === 'unreadable') return false;
    const truth = read.state === 'number' ? read.value : undefined;
    const predicted = given[0] === undefined ? undefined : Number(given[0]);
    return judgeRow(
      {
        ...{ ...row, kind: 'number', unit: unit ?? undefined, tolerance: NUMBER_TOLERANCE },
        ...{ truth: [truth], predicted: [predicted] },
      },
      0,
    ).correct;
  }
  const whole = judged === 'generate' && Array.isArray(value);
  const joined = (list: readonly string[]) => (whole && list.length > 0 ? [list.join('\n')] : list);
  return judgeRow(
    {
      ...row,
      kind: judged === 'multi' ? 'multi' : 'choice',
      truth: [joined(values)],
      predicted: [joined(given)],
    },
    0,
  ).correct;
}

const kindOf = (value: GivenAnswer['value']): 'number' | 'multi' | 'choice' =>
  typeof value === 'number' ? 'number' : Array.isArray(value) ? 'multi' : 'choice';
