/**
 * Late fusion: each modality has heads of its own, learned as if it were alone, and its scores are averaged with those of the
 * others that a product has. What an attribute trusts each modality for is learned beside them: its weights get a gradient from
 * the joint loss, the modalities' models do not.
 */
import {
  add,
  constant,
  divide,
  exp,
  expandDims,
  matmul,
  maximum,
  multiply,
  reshape,
  scalar,
  slice,
  stopGradient,
  sum,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import { choiceHeadParameters, choiceLogits } from './choice-head.ts';
import { numberHeadParameters, numberValues } from './number-head.ts';
import { type AttributeModelSpec, choiceColumns } from './spec.ts';

/** What one modality says, and of which products it has any: `present` float32 `[B]`. */
export type ModalityAnswer = {
  readonly choice?: Tensor;
  readonly number?: Tensor;
  readonly present: Tensor;
};
export type LateOutputs = {
  readonly choice?: Tensor;
  readonly number?: Tensor;
  readonly parts: readonly ModalityAnswer[];
};

/** Least sum of shares; a product with no modality at all gets scores of 0. */
const TINY = 1e-6;

export function lateParameters(
  { choices, numbers }: Pick<AttributeModelSpec, 'choices' | 'numbers'>,
  modalities: readonly string[],
  width: number,
  depth: number,
): ParameterSpec[] {
  const values = choiceColumns(choices).reduce((total, { size }) => total + size, 0);
  const heads = modalities.flatMap((name) => [
    ...(values > 0 ? choiceHeadParameters(values, width, depth) : []).map((spec) => under(name, spec)),
    ...(numbers.length > 0 ? numberHeadParameters(numbers.length, width, depth) : []).map((spec) =>
      under(name, spec),
    ),
  ]);
  return [
    ...heads,
    {
      name: 'late.trust',
      shape: [modalities.length, choices.length + numbers.length],
      role: 'bias',
      depth,
      initial: { kind: 'zeros' },
    },
  ];
}

const scopeName = (modality: string) => `late.${modality}`;
const under = (modality: string, spec: ParameterSpec): ParameterSpec => ({
  ...spec,
  name: `${scopeName(modality)}.${spec.name}`,
});

/**
 * @param vectors - `[B, D]` of each modality
 * @param present - float32 `[B, M]`
 * @param names - `[V, D]` vectors of the values' names; undefined where there are no choices
 */
export function lateFusion(
  { choices, numbers }: Pick<AttributeModelSpec, 'choices' | 'numbers'>,
  parameters: Scope,
  modalities: readonly string[],
  vectors: readonly Tensor[],
  present: Tensor,
  names: Tensor | undefined,
): LateOutputs {
  const batch = present.shape[0]!;
  const parts = modalities.map((name, i): ModalityAnswer => {
    const own = parameters.within(scopeName(name));
    return {
      ...(names ? { choice: choiceLogits(own, vectors[i]!, names) } : {}),
      ...(numbers.length > 0 ? { number: numberValues(own, vectors[i]!) } : {}),
      present: reshape(slice(present, 1, i, i + 1), [batch]),
    };
  });
  const trust = multiply(expandDims(present, 2), expandDims(exp(parameters.get('late.trust')), 0));
  const shares = divide(trust, maximum(sum(trust, [1], true), scalar(TINY)));
  const joined = (own: readonly Tensor[], from: number, columns: readonly number[]) => {
    const wide = matmul(slice(shares, 2, from, from + columns.length), spreading(columns));
    return own
      .map((scores, i) => {
        const share = slice(wide, 1, i, i + 1);
        return multiply(stopGradient(scores), reshape(share, [batch, scores.shape[1]!]));
      })
      .reduce(add);
  };
  const columns = choiceColumns(choices).map(({ size }) => size);
  return {
    parts,
    ...(names
      ? {
          choice: joined(
            parts.map(({ choice }) => choice!),
            0,
            columns,
          ),
        }
      : {}),
    ...(numbers.length > 0
      ? {
          number: joined(
            parts.map(({ number }) => number!),
            choices.length,
            numbers.map(() => 1),
          ),
        }
      : {}),
  };
}

/** A matrix `[A, V]` that gives each attribute's number to all of its columns. */
function spreading(columns: readonly number[]): Tensor {
  const width = columns.reduce((a, b) => a + b, 0);
  const data = new Float32Array(columns.length * width);
  let at = 0;
  for (const [row, size] of columns.entries()) {
    data.fill(1, row * width + at, row * width + at + size);
    at += size;
  }
  return constant('float32', [columns.length, width], data);
}
