/**
 * Evens out the channels of a product's input before it is quantised: x W = (x / f) (f W). A few loud channels, which
 * pretrained encoders have after their norms, would otherwise take all the steps of a row. Xiao et al. 2023
 * (SmoothQuant), https://arxiv.org/abs/2211.10438, with a scale for each row instead of one for all.
 */
import { Session, type Values } from '../graph/session.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type WeightProduct, weightProducts } from './quantise-products.ts';

/** How much of a channel's loudness goes to the weights: 0 none, 1 all. */
const MIGRATION = 0.7;
/** Channels and weights are not taken for quieter than this part of the loudest. */
const QUIETEST = 1e-3;

/** The largest |element| of each channel, `[in]`, by the place of a product's source. */
export type ChannelAmplitudes = ReadonlyMap<string, Float32Array>;

/** Only after a norm are the loud channels always the same ones. */
const evened = ({ source }: WeightProduct) =>
  source.node.kind === 'layerNorm' || source.node.kind === 'rmsNorm';

/**
 * Runs a graph on a few samples to see how loud the channels are. A few hundred tokens will do, random ones too: the
 * loud channels are the model's, not the text's.
 */
export async function measureChannels(
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Float32Array>,
  samples: readonly Values[],
  options: { readonly smallest: number; readonly threads?: number },
): Promise<ChannelAmplitudes> {
  const sources = new Map<string, Tensor>();
  for (const product of weightProducts(outputs, weights, options.smallest))
    if (evened(product)) sources.set(product.place, product.source);
  if (sources.size === 0 || samples.length === 0) return new Map();
  const session = await Session.create(Object.fromEntries(sources), {
    weights,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const wanted = new Set(session.inputs.map(({ name }) => name));
  const amplitudes = new Map<string, Float32Array>();
  for (const sample of samples) {
    const given = Object.fromEntries(Object.entries(sample).filter(([name]) => wanted.has(name)));
    for (const [place, { dims, data }] of Object.entries(await session.run(given))) {
      const width = dims[dims.length - 1]!;
      const largest = amplitudes.get(place) ?? new Float32Array(width);
      for (let i = 0; i < data.length; i++) {
        const k = i % width;
        largest[k] = Math.max(largest[k]!, Math.abs(data[i]!));
      }
      amplitudes.set(place, largest);
    }
  }
  await session.close();
  return amplitudes;
}

/**
 * f of each channel: amplitude^m / weight^(1 - m).
 * @param products - all products of one source
 */
export function channelFactors(
  amplitudes: Float32Array,
  products: readonly WeightProduct[],
  weights: ReadonlyMap<string, Float32Array>,
): Float32Array {
  const loudest = new Float32Array(amplitudes.length);
  for (const { weight, inputs, outputs, outFirst } of products) {
    const values = weights.get(weight)!;
    for (let j = 0; j < outputs; j++) {
      for (let k = 0; k < inputs; k++) {
        loudest[k] = Math.max(loudest[k]!, Math.abs(values[outFirst ? j * inputs + k : k * outputs + j]!));
      }
    }
  }
  const x = raised(amplitudes);
  const w = raised(loudest);
  return amplitudes.map((_, k) => x[k]! ** MIGRATION / w[k]! ** (1 - MIGRATION));
}

/** As parts of the largest, none too small. */
function raised(values: Float32Array): Float32Array {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return most === 0 ? values.map(() => 1) : values.map((v) => Math.max(v / most, QUIETEST));
}
