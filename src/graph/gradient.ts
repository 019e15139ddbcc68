/**
 * Reverse-mode differentiation as a function from graph to graph: the result is more graph, so it can be
 * differentiated, dumped, verified and run like any other. Derivatives themselves stand in the table of operations.
 */
import { builder } from './builder.ts';
import { showShape } from './dimensions.ts';
import { graphError } from './errors.ts';
import { definitionOf, type OpKind } from './ops/table.ts';
import { topologicalOrder } from './order.ts';
import type { Node, Tensor } from './tensor.ts';

/**
 * The derivative of a loss by each tensor.
 * @param loss - float32 scalar
 * @param by - float32 tensors; usually parameters, but any tensor of the graph will do
 * @returns one tensor for each of `by`, of its shape; zeros where the loss does not depend on it
 * @throws graph/shape-mismatch when the loss is not a scalar
 */
export function gradient(loss: Tensor, by: readonly Tensor[]): readonly Tensor[] {
  if (loss.shape.length !== 0 || loss.dtype !== 'float32') {
    throw graphError(
      'graph/shape-mismatch',
      `The loss of a gradient must be a float32 scalar. Got ${loss.dtype} ${showShape(loss.shape)}.`,
      {
        hint: 'Reduce it with mean or sum.',
      },
    );
  }
  const order = topologicalOrder([loss]);
  const targets = new Map<Node, Set<number>>();
  for (const { node, index } of by) targets.set(node, (targets.get(node) ?? new Set()).add(index));
  const active = activeNodes(order, targets);

  const gradients = new Map<Node, (Tensor | undefined)[]>();
  const accumulate = ({ node, index }: Tensor, value: Tensor) => {
    const slots = gradients.get(node) ?? new Array<Tensor | undefined>(node.outputs.length).fill(undefined);
    slots[index] = slots[index] ? builder.add(slots[index], value) : value;
    gradients.set(node, slots);
  };
  accumulate(loss, builder.scalar(1));

  for (const node of [...order].reverse()) {
    const upstream = gradients.get(node);
    const { gradient: rule } = definitionOf(node.kind as OpKind);
    if (upstream === undefined || rule === 'none' || !node.inputs.some((input) => active.has(input.node)))
      continue;
    const needs = (index: number) =>
      active.has(node.inputs[index]!.node) && node.inputs[index]!.dtype === 'float32';
    const outputs = node.outputs.map((type, index) => ({ ...type, node, index }));
    const parts = rule(
      { inputs: node.inputs, attributes: node.attributes, outputs, upstream, needs },
      builder,
    );
    for (const [i, part] of parts.entries()) if (part && needs(i)) accumulate(node.inputs[i]!, part);
  }
  return by.map((tensor) => gradients.get(tensor.node)?.[tensor.index] ?? builder.zerosLike(tensor));
}

/** Nodes that depend on a target, targets included: only through them does a gradient need to flow. */
function activeNodes(order: readonly Node[], targets: ReadonlyMap<Node, unknown>): ReadonlySet<Node> {
  const active = new Set<Node>();
  for (const node of order) {
    if (targets.has(node) || node.inputs.some((input) => active.has(input.node))) active.add(node);
  }
  return active;
}
