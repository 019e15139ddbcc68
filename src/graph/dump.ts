/** A graph as text: one line a node, stable, so that a refactor can prove that the graphs it builds are the same. */
import { showShape } from './dimensions.ts';
import { topologicalOrder } from './order.ts';
import type { Node, Tensor } from './tensor.ts';

/** `%3 = matmul(%1, %2) transposeB=true : float32 [batch, 4]`, then the outputs by name. */
export function dump(outputs: Readonly<Record<string, Tensor>>): string {
  const tensors = Object.values(outputs);
  const numbers = new Map<Node, number>();
  const lines: string[] = [];
  const name = ({ node, index }: Tensor) =>
    `%${numbers.get(node)}${node.outputs.length > 1 ? `.${index}` : ''}`;
  for (const node of topologicalOrder(tensors)) {
    const inputs = node.inputs.map(name).join(', ');
    numbers.set(node, numbers.size);
    const types = node.outputs.map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`).join(', ');
    lines.push(`%${numbers.get(node)} = ${node.kind}(${inputs})${attributes(node)} : ${types}`);
  }
  for (const [key, tensor] of Object.entries(outputs)) lines.push(`${key} <- ${name(tensor)}`);
  return `${lines.join('\n')}\n`;
}

function attributes(node: Node): string {
  return Object.entries(node.attributes)
    .filter(
      ([key, value]) =>
        value !== undefined && key !== 'dtype' && !(key === 'shape' && node.kind !== 'reshape'),
    )
    .map(([key, value]) => ` ${key}=${show(value)}`)
    .join('');
}

function show(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const elements = Array.from(value as Float32Array);
    return elements.length <= 8 ? `[${elements}]` : `[${elements.slice(0, 8)}, ... ${elements.length}]`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
