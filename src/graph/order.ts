/** Walks a graph: every node once, inputs before the nodes that read them. */
import type { Node, Tensor } from './tensor.ts';

/** Nodes that `outputs` depend on, in an order that depends on nothing but the graph. Iterative: graphs are deep. */
export function topologicalOrder(outputs: readonly Tensor[]): readonly Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const output of outputs) {
    if (!seen.has(output.node)) {
      seen.add(output.node);
      stack.push({ node: output.node, next: 0 });
    }
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input.node)) {
        seen.add(input.node);
        stack.push({ node: input.node, next: 0 });
      }
    }
  }
  return order;
}

export type Leaf = { readonly name: string; readonly tensor: Tensor };

/** The inputs and parameters that `outputs` depend on, in first-use order. */
export function leavesOf(outputs: readonly Tensor[], kind: 'input' | 'parameter'): readonly Leaf[] {
  return topologicalOrder(outputs)
    .filter((node) => node.kind === kind)
    .map((node) => ({
      name: node.attributes.name as string,
      tensor: { ...node.outputs[0]!, node, index: 0 },
    }));
}
