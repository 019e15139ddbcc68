/** Checks that a graph is legal: known operations, types that the rules infer, leaves with one meaning a name. */
import { namesOf, sameShape, showShape } from './dimensions.ts';
import { graphError } from './errors.ts';
import { definitionOf, isOpKind } from './ops/table.ts';
import { leavesOf, topologicalOrder } from './order.ts';
import type { Node, Tensor } from './tensor.ts';

/** @throws graph/illegal naming the node and what is wrong with it */
export function verify(outputs: readonly Tensor[]): void {
  const order = topologicalOrder(outputs);
  const byName = new Map<string, Node>();
  const positions = new Map(order.map((node, i) => [node, i]));
  for (const node of order) {
    if (!isOpKind(node.kind)) throw illegal(node, 'is not in the table of operations');
    for (const input of node.inputs) {
      const made = input.node.outputs[input.index];
      if (made === undefined || made.dtype !== input.dtype || !sameShape(made.shape, input.shape)) {
        throw illegal(
          node,
          `reads output ${input.index} of ${input.node.kind} as ${input.dtype} ${showShape(input.shape)}`,
        );
      }
      if (positions.get(input.node)! >= positions.get(node)!)
        throw illegal(node, 'reads a node that comes after it');
    }
    const inferred = definitionOf(node.kind).infer(node.inputs, node.attributes);
    const agrees =
      inferred.length === node.outputs.length &&
      inferred.every(
        (type, i) => type.dtype === node.outputs[i]!.dtype && sameShape(type.shape, node.outputs[i]!.shape),
      );
    if (!agrees)
      throw illegal(
        node,
        `claims ${node.outputs.map((o) => showShape(o.shape))}, but its rule infers ${inferred.map((o) => showShape(o.shape))}`,
      );
    if (node.kind === 'input' || node.kind === 'parameter') {
      const name = node.attributes.name as string;
      if (byName.has(name)) throw illegal(node, `has the name "${name}", which another leaf has too`);
      byName.set(name, node);
    }
  }
  const known = new Set(
    leavesOf(outputs, 'input').flatMap(({ tensor }) => tensor.shape.filter((dim) => typeof dim === 'string')),
  );
  for (const node of order) {
    for (const { shape } of node.outputs) {
      for (const name of shape.flatMap((dim) =>
        typeof dim === 'string' && !dim.startsWith('(') ? namesOf(dim) : [],
      )) {
        if (!known.has(name))
          throw graphError(
            'graph/unknown-dimension',
            `${node.kind} has the dimension "${name}", which is no whole axis of any input.`,
          );
      }
    }
  }
}

function illegal(node: Node, why: string) {
  return graphError('graph/illegal', `A node "${node.kind}" ${why}.`, { details: { kind: node.kind } });
}
