/**
 * What shoppers did with a product as one vector: its standardised counts, rates, months and buyers, and beside them the weighted means
 * of learned vectors of the products that are seen and bought with it, and of the words that found it.
 */

import {
  BAGS,
  type Bag,
  type BehaviourInput,
  bagSize,
  type EncodedBehaviour,
} from '../../features/behaviour/behaviour-input.ts';
import { behaviourNames } from '../../features/behaviour/behaviour-vector.ts';
import { concat, gather, input, multiply, reshape, sum } from '../../graph/builder.ts';
import type { Value } from '../../graph/session.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { BehaviourSpec } from './spec.ts';

/** Numbers in the learned vector of a neighbour or a word. */
const MEMBER_WIDTH = 16;
/** Small, so that neighbours say nothing until they have learned to. */
const INITIAL = { kind: 'normal', std: 0.1 } as const;

/** The modality, and the scope of its parameters and inputs. */
export const behaviourScope = ({ field }: Pick<BehaviourSpec, 'field'>) => `behaviour.${field}`;

const featuresOf = ({ behaviour }: BehaviourInput) => behaviourNames(behaviour).length;
/** Bags of which training knew any member. */
const bagsOf = ({ known }: BehaviourInput) => BAGS.filter((bag) => known[bag].length > 0);

/** Numbers in the vector. */
export function behaviourWidth({ encoding }: BehaviourSpec): number {
  return featuresOf(encoding) + MEMBER_WIDTH * bagsOf(encoding).length;
}

export function behaviourParameters(spec: BehaviourSpec, depth: number): readonly ParameterSpec[] {
  return bagsOf(spec.encoding).map((bag) => ({
    name: vectorsOf(spec, bag),
    shape: [1 + spec.encoding.known[bag].length, MEMBER_WIDTH],
    role: 'embedding',
    depth,
    initial: INITIAL,
  }));
}

const vectorsOf = (spec: BehaviourSpec, bag: Bag) => `${behaviourScope(spec)}.${bag}.vectors`;

/** @returns `[B, behaviourWidth]`; its leaves are filled by `behaviourArrays` */
export function behaviourVector(spec: BehaviourSpec, parameters: Scope): Tensor {
  const scope = behaviourScope(spec);
  const values = input(`${scope}.values`, 'float32', ['batch', featuresOf(spec.encoding)]);
  const means = bagsOf(spec.encoding).map((bag) => {
    const size = bagSize(spec.encoding, bag);
    const ids = input(`${scope}.${bag}.ids`, 'int32', ['batch', size]);
    const weights = input(`${scope}.${bag}.weights`, 'float32', ['batch', size]);
    const vectors = gather(parameters.get(vectorsOf(spec, bag)), ids);
    return sum(multiply(vectors, reshape(weights, ['batch', size, 1])), [1]);
  });
  return means.length === 0 ? values : concat([values, ...means], 1);
}

/** @param rows - of each product; zeros where nothing is known of it */
export function behaviourArrays(
  spec: BehaviourSpec,
  rows: readonly (EncodedBehaviour | undefined)[],
): Record<string, Value> {
  const scope = behaviourScope(spec);
  const width = featuresOf(spec.encoding);
  const values = new Float32Array(rows.length * width);
  for (const [b, row] of rows.entries()) if (row) values.set(row.values, b * width);
  const arrays: Record<string, Value> = {
    [`${scope}.values`]: { dtype: 'float32', dims: [rows.length, width], data: values },
  };
  for (const bag of bagsOf(spec.encoding)) {
    const place = BAGS.indexOf(bag);
    const size = bagSize(spec.encoding, bag);
    const dims = [rows.length, size];
    const ids = new Int32Array(rows.length * size);
    const weights = new Float32Array(ids.length);
    for (const [b, row] of rows.entries()) {
      if (row === undefined) continue;
      ids.set(row.ids[place]!, b * size);
      weights.set(row.weights[place]!, b * size);
    }
    arrays[`${scope}.${bag}.ids`] = { dtype: 'int32', dims, data: ids };
    arrays[`${scope}.${bag}.weights`] = { dtype: 'float32', dims, data: weights };
  }
  return arrays;
}
