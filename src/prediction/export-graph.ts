/**
 * The graph of an export: the forward pass as others want it, with probabilities and quantities instead of logits, the
 * values' names inside, and the members of an ensemble averaged.
 */
import { add, exp, parameter, scalar, scale, sigmoid, slice, softmax, subtract } from '../graph/builder.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import {
  attributeModelParameters,
  attributeOutputs,
  predictedOutputs,
} from '../models/attribute/attribute-model.ts';
import { type AttributeModelSpec, choiceColumns, type NumberSpec } from '../models/attribute/spec.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { type BundleModel, storedNames } from './bundle-model.ts';

export type ExportGraph = {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Values of its parameters by name; those of an ensemble begin with the member. */
  readonly weights: ReadonlyMap<string, Float32Array>;
};

export function exportGraph(spec: AttributeModelSpec, model: BundleModel): ExportGraph {
  const named = (member: number, name: string) => (model.members.length === 1 ? name : `${member}/${name}`);
  const shapes = new Map(attributeModelParameters(spec).map(({ name, shape }) => [name, shape]));
  const members = model.members.map((_, i) => {
    const scope = scopeOf((name) => parameter(named(i, name), shapes.get(name)!));
    return predictedOutputs(
      attributeOutputs(spec, scope, noDropout, { names: storedNames(spec, model.batches) }),
    );
  });
  const weights = model.members.flatMap((values, i) =>
    [...values].map(([name, value]): [string, Float32Array] => [named(i, name), value]),
  );
  return { outputs: withOneLeafAName(readable(spec, averaged(members))), weights: new Map(weights) };
}

/** The mean of the members' scores, as a bundle's forward pass takes it. */
function averaged(members: readonly Readonly<Record<string, Tensor>>[]): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.keys(members[0]!).map((name) => [
      name,
      scale(
        members.map((outputs) => outputs[name]!).reduce((a, b) => add(a, b)),
        1 / members.length,
      ),
    ]),
  );
}

function readable(
  spec: AttributeModelSpec,
  { choice, number, ...spans }: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {};
  for (const [i, { start, size }] of choiceColumns(spec.choices).entries()) {
    const { attribute, kind } = spec.choices[i]!;
    const logits = slice(choice!, 1, start, start + size);
    outputs[`probabilities.${attribute}`] = kind === 'choice' ? softmax(logits) : sigmoid(logits);
  }
  for (const [i, each] of spec.numbers.entries())
    outputs[`number.${each.attribute}`] = quantity(each, slice(number!, 1, i, i + 1));
  return { ...outputs, ...spans };
}

/** As `destandardise`. */
function quantity({ logarithm, mean, deviation }: NumberSpec, output: Tensor): Tensor {
  const value = add(scale(output, deviation), scalar(mean));
  return logarithm ? subtract(exp(value), scalar(1)) : value;
}

/** The same graph, in which the members of an ensemble read the same inputs. */
function withOneLeafAName(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const leaves = new Map<string, readonly Tensor[]>();
  const renewed = new Map<Node, readonly Tensor[]>();
  const at = ({ node, index }: Tensor): Tensor => renewed.get(node)![index]!;
  for (const node of topologicalOrder(Object.values(outputs))) {
    const { name } = node.attributes;
    const known = typeof name === 'string' ? leaves.get(name) : undefined;
    const next: Node = Object.freeze({ ...node, inputs: Object.freeze(node.inputs.map(at)) });
    const tensors =
      known ?? next.outputs.map((type, index): Tensor => Object.freeze({ ...type, node: next, index }));
    renewed.set(node, tensors);
    if (typeof name === 'string') leaves.set(name, tensors);
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, at(tensor)]));
}
