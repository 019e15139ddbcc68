/** What eight bits change of a model: of a small one nothing, which whoever asked for them should know. */
import { parameter } from '../graph/builder.ts';
import {
  attributeModelParameters,
  attributeOutputs,
  encoderOf,
  predictedOutputs,
} from '../models/attribute/attribute-model.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { eightBitNames } from './bundle-forward.ts';
import type { Precision } from './precision.ts';
import { SMALLEST_QUANTISED } from './quantise-graph.ts';
import { weightProducts } from './quantise-products.ts';

/** A sentence where a model that is to compute in eight bits computes in fp32 all the same; undefined otherwise. */
export function eightBitNote(spec: AttributeModelSpec, precision: Precision | undefined): string | undefined {
  if (precision !== 'int8') return undefined;
  const specs = attributeModelParameters(spec);
  const tensors = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
  const outputs = predictedOutputs(
    attributeOutputs(
      spec,
      scopeOf((name) => tensors.get(name)!),
      noDropout,
    ),
  );
  const sizes = new Map(
    specs.map(({ name, shape }) => [name, { length: shape.reduce((size, axis) => size * axis, 1) }]),
  );
  const names = eightBitNames(encoderOf(spec));
  const stored = new Map([...sizes].filter(([name]) => names.has(name)));
  if (weightProducts(outputs, stored, SMALLEST_QUANTISED).length > 0) return undefined;
  return `--precision int8 changes nothing of this model, which computes in fp32: of the text encoder matrices with ${SMALLEST_QUANTISED.toLocaleString('en')} numbers or more are rounded, and it has none.`;
}
