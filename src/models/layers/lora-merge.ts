/** Adapters as part of the weights: s B A added to W, which then costs nothing more to compute, and taken off again. */
import type { LinearModule, LoraSpec } from './lora.ts';
import { loraModules, loraNames, loraScale } from './lora.ts';
import type { ParameterSpec } from './parameters.ts';

/** A trained adapter. */
export type LoraAdapter = {
  readonly spec: LoraSpec;
  /** A and B of each adapted layer under `loraNames`. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
};

type Weights = ReadonlyMap<string, Float32Array>;

/**
 * Weights with an adapter in them. Layers that it leaves alone are shared with `weights`, the others are copies, so many
 * adapters can stand over one base; merging a second one adds to the first.
 * @param parameters - the encoder's own
 */
export function mergeLora(
  weights: Weights,
  parameters: readonly ParameterSpec[],
  adapter: LoraAdapter,
): Map<string, Float32Array> {
  return shifted(weights, parameters, adapter, 1);
}

/** Weights without an adapter that was merged into them: those before, to the rounding of one float32 sum. */
export function unmergeLora(
  weights: Weights,
  parameters: readonly ParameterSpec[],
  adapter: LoraAdapter,
): Map<string, Float32Array> {
  return shifted(weights, parameters, adapter, -1);
}

function shifted(
  weights: Weights,
  parameters: readonly ParameterSpec[],
  { spec, tensors }: LoraAdapter,
  sign: 1 | -1,
): Map<string, Float32Array> {
  const result = new Map(weights);
  for (const module of loraModules(parameters, spec)) {
    const { a, b } = loraNames(module.name);
    const name = `${module.name}.weight`;
    const sum = weights.get(name)!.slice();
    addProduct(sum, tensors.get(a)!, tensors.get(b)!, module, spec.rank, sign * loraScale(spec));
    result.set(name, sum);
  }
  return result;
}

/** weight += factor B A, each element rounded once. */
function addProduct(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { inputs, outputs, layout }: LinearModule,
  rank: number,
  factor: number,
): void {
  const row = new Float64Array(inputs);
  for (let out = 0; out < outputs; out++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const share = factor * b[out * rank + r]!;
      for (let i = 0; i < inputs; i++) row[i]! += share * a[r * inputs + i]!;
    }
    const [start, step] = layout === 'out-in' ? [out * inputs, 1] : [out, outputs];
    for (let i = 0; i < inputs; i++) weight[start + i * step]! += row[i]!;
  }
}
