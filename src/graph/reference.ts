/** The slow float64 interpreter: what a graph means. Tests hold the runtime and the gradients against it. */
import { type Dim, resolve } from './dimensions.ts';
import { graphError } from './errors.ts';
import { definitionOf, type OpKind } from './ops/table.ts';
import { topologicalOrder } from './order.ts';
import type { Node, ReferenceArray, Tensor } from './tensor.ts';

/**
 * Values of `outputs`, given a value for every input and parameter by name.
 * @throws graph/missing-input when a leaf has no value
 */
export function evaluate(
  outputs: readonly Tensor[],
  values: Readonly<Record<string, ReferenceArray>>,
): readonly ReferenceArray[] {
  const order = topologicalOrder(outputs);
  const sizes = new Map<string, number>();
  for (const node of order) {
    const value = isLeaf(node) ? values[node.attributes.name as string] : undefined;
    node.outputs[0]!.shape.forEach((dim, axis) => {
      if (value && typeof dim === 'string') sizes.set(dim, value.shape[axis]!);
    });
  }
  const size = (dim: Dim): number => {
    const known = resolve(dim, sizes);
    if (known === undefined)
      throw graphError('graph/unknown-dimension', `No input gives the size of "${dim}".`);
    return known;
  };
  const results = new Map<Node, readonly ReferenceArray[]>();
  for (const node of order) {
    const given = isLeaf(node) ? values[node.attributes.name as string] : undefined;
    results.set(
      node,
      given
        ? [given]
        : definitionOf(node.kind as OpKind).evaluate(
            node.inputs.map((input) => results.get(input.node)![input.index]!),
            node.attributes,
            size,
          ),
    );
  }
  return outputs.map(({ node, index }) => results.get(node)![index]!);
}

const isLeaf = (node: Node) => node.kind === 'input' || node.kind === 'parameter';
