/**
 * A graph in eight bits, as a function from graph to graph: products of activations with a stored weight become
 * products of uint8 rows with int8 columns; everything else stays as it is. Works on any graph that predicts.
 */
import {
  constant,
  gelu,
  multiply,
  type QuantisedRows,
  quantisedLinear,
  quantiseRows,
  reshape,
} from '../graph/builder.ts';
import { flattened } from '../graph/ops/matmul.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Values } from '../graph/session.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { type ChannelAmplitudes, channelFactors, measureChannels } from './quantise-channels.ts';
import { type WeightProduct, weightProducts } from './quantise-products.ts';
import { quantiseWeight } from './quantise-weight.ts';

export type QuantiseOptions = {
  /** What `measureChannels` found on this graph; with it the error is about half. */
  readonly amplitudes?: ChannelAmplitudes;
  /** Weights with fewer elements stay as they are: small heads cost nothing, and theirs is the last word. */
  readonly smallest?: number;
};

export const SMALLEST_QUANTISED = 65_536;

/** Just below the minimum of GELU, -0.16997 (exact) and -0.17004 (tanh). */
const LOWEST_GELU = -0.1701;
/** What no element of an operation's result is below. */
const LOWEST: Readonly<Record<string, number>> = { relu: 0, sigmoid: 0, softmax: 0, gelu: LOWEST_GELU };

type QuantisedInput = { readonly rows: QuantisedRows; readonly factors: Float32Array | undefined };

/**
 * The same results in eight bits.
 * @param outputs - the graph's results by name
 * @param weights - values of the parameters, by name; products with other parameters stay as they are
 * @returns a graph without the parameters that were quantised: give the session the same weights, it takes what is left
 */
export function quantiseGraph(
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Float32Array>,
  options: QuantiseOptions = {},
): Record<string, Tensor> {
  const products = weightProducts(outputs, weights, options.smallest ?? SMALLEST_QUANTISED);
  const productOf = new Map(products.map((product) => [product.node, product]));
  const quantised = new Map<string, QuantisedInput>();
  const renewed = new Map<Node, readonly Tensor[]>();
  const at = ({ node, index }: Tensor): Tensor => renewed.get(node)![index]!;

  const inputOf = ({ place, source }: WeightProduct): QuantisedInput => {
    const known = quantised.get(place);
    if (known) return known;
    const amplitudes = options.amplitudes?.get(place);
    const sharing = products.filter((product) => product.place === place);
    const factors = amplitudes && channelFactors(amplitudes, sharing, weights);
    const made = { rows: quantiseInput(quicker(source, at), factors), factors };
    quantised.set(place, made);
    return made;
  };

  for (const node of topologicalOrder(Object.values(outputs))) {
    const product = productOf.get(node);
    renewed.set(
      node,
      product
        ? [inEightBits(product, inputOf(product), weights, product.bias && at(product.bias))]
        : withInputs(node, node.inputs.map(at)),
    );
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, at(tensor)]));
}

/**
 * GELU by its tanh approximation, whose kernel is several times quicker: 0.0005 away at most, a twentieth of the
 * smallest step that the result is rounded to.
 */
function quicker(source: Tensor, at: (tensor: Tensor) => Tensor): Tensor {
  return source.node.kind === 'gelu' ? gelu(at(source.node.inputs[0]!), 'tanh') : at(source);
}

function quantiseInput(source: Tensor, factors: Float32Array | undefined): QuantisedRows {
  const even =
    factors &&
    multiply(
      source,
      constant(
        'float32',
        [factors.length],
        factors.map((factor) => 1 / factor),
      ),
    );
  const x = even ?? source;
  return quantiseRows(reshape(x, flattened(x.shape)), LOWEST[x.node.kind]);
}

/**
 * `quantiseGraph` with the channels measured first.
 * @param samples - inputs of the graph, a few hundred tokens in all; random ones will do
 */
export async function toEightBits(
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Float32Array>,
  samples: readonly Values[],
  threads?: number,
): Promise<Record<string, Tensor>> {
  const measuring = { smallest: SMALLEST_QUANTISED, ...(threads === undefined ? {} : { threads }) };
  const amplitudes = await measureChannels(outputs, weights, samples, measuring);
  return quantiseGraph(outputs, weights, { amplitudes });
}

function inEightBits(
  { weight, inputs, outputs, outFirst }: WeightProduct,
  { rows, factors }: QuantisedInput,
  weights: ReadonlyMap<string, Float32Array>,
  bias: Tensor | undefined,
): Tensor {
  const { bytes, scales } = quantiseWeight(weights.get(weight)!, inputs, outputs, outFirst, factors);
  const codes = constant('uint8', [inputs, outputs], bytes);
  return quantisedLinear(rows, codes, constant('float32', [outputs], scales), bias);
}

/** The node's outputs, of a node that reads `inputs` instead; the node itself where nothing changed. */
function withInputs(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const same = inputs.every((input, i) => input.node === node.inputs[i]!.node);
  const next: Node = same ? node : Object.freeze({ ...node, inputs: Object.freeze(inputs) });
  return next.outputs.map((type, index) => Object.freeze({ ...type, node: next, index }));
}
