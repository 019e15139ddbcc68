/** Finds what is worth eight bits in a graph: products of activations with a stored weight. */
import { topologicalOrder } from '../graph/order.ts';
import type { Node, Tensor } from '../graph/tensor.ts';

export type WeightProduct = {
  readonly node: Node;
  /** The activations before they were flattened; the products of one source share its codes. */
  readonly source: Tensor;
  /** Names `source` within its graph. */
  readonly place: string;
  readonly weight: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the weight is `[out, in]`. */
  readonly outFirst: boolean;
  readonly bias: Tensor | undefined;
};

/** @param smallest - weights with fewer elements are left out */
export function weightProducts(
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, { readonly length: number }>,
  smallest: number,
): readonly WeightProduct[] {
  const order = topologicalOrder(Object.values(outputs));
  const positions = new Map(order.map((node, i) => [node, i]));
  return order.flatMap((node) => {
    const layout = layoutOf(node);
    const [x, weight, bias] = node.inputs;
    if (layout === undefined || weight?.node.kind !== 'parameter') return [];
    const name = weight.node.attributes.name as string;
    if ((weights.get(name)?.length ?? 0) < smallest) return [];
    const [first, second] = weight.shape as readonly [number, number];
    const outFirst = layout === 'out-in';
    const source = unflattened(x!);
    return {
      node,
      source,
      place: `${positions.get(source.node)}.${source.index}`,
      weight: name,
      inputs: outFirst ? second : first,
      outputs: outFirst ? first : second,
      outFirst,
      bias,
    };
  });
}

/** How the weight of a product lies; undefined for what is no plain product of a matrix with a second input. */
function layoutOf({ kind, inputs, attributes }: Node): 'out-in' | 'in-out' | undefined {
  if (kind === 'linear') return attributes.layout as 'out-in' | 'in-out';
  if (kind !== 'matmul' || inputs.some(({ shape }) => shape.length !== 2)) return undefined;
  if (attributes.transposeA !== false || attributes.alpha !== 1) return undefined;
  return attributes.transposeB === true ? 'out-in' : 'in-out';
}

/** What a reshape that keeps the last axis was made of. */
function unflattened(x: Tensor): Tensor {
  const from = x.node.inputs[0];
  return x.node.kind === 'reshape' && from?.shape.at(-1) === x.shape.at(-1) ? unflattened(from!) : x;
}
