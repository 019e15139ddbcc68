/** A weight matrix as int8 with a scale for each output. */

export type QuantisedWeight = {
  /** `[in, out]`, int8 values kept as bytes. */
  readonly bytes: Uint8Array;
  /** `[out]`. */
  readonly scales: Float32Array;
};

/** Largest int8 value used; -128 is left out, so that both signs reach as far. */
const LARGEST = 127;
/**
 * What two weights of one sign in rows 2k and 2k+1 may add up to: 255 * 128 = 32,640 fits 16 bits, and x86 processors
 * without VNNI add such pairs in 16 bits, stopping at the end of the range.
 */
const LARGEST_PAIR = 128;

/**
 * Rounds each column to steps of its own, as fine as the two limits allow.
 * @param weight - float32 `[in, out]`, or `[out, in]` when `outFirst`
 * @param channels - what row k of the weight is multiplied by first, `[in]`
 */
export function quantiseWeight(
  weight: Float32Array,
  inputs: number,
  outputs: number,
  outFirst: boolean,
  channels?: Float32Array,
): QuantisedWeight {
  const bytes = new Uint8Array(inputs * outputs);
  const codes = new Int8Array(bytes.buffer);
  const scales = new Float32Array(outputs);
  const column = new Float64Array(inputs);
  for (let j = 0; j < outputs; j++) {
    for (let k = 0; k < inputs; k++) {
      column[k] = weight[outFirst ? j * inputs + k : k * outputs + j]! * (channels?.[k] ?? 1);
    }
    const scale = fittingScale(column);
    scales[j] = scale;
    if (scale === 0) continue;
    const rounded = roundPairs(column, scale);
    for (let k = 0; k < inputs; k++) codes[k * outputs + j] = rounded[k]!;
  }
  return { bytes, scales };
}

function fittingScale(column: Float64Array): number {
  let largest = 0;
  let pair = 0;
  for (let k = 0; k < column.length; k += 2) {
    const a = column[k]!;
    const b = column[k + 1] ?? 0;
    largest = Math.max(largest, Math.abs(a), Math.abs(b));
    if (a * b > 0) pair = Math.max(pair, Math.abs(a + b));
  }
  return Math.fround(Math.max(largest / LARGEST, pair / LARGEST_PAIR));
}

/** Nearest codes; where both of a pair were rounded up past the limit, the one that was rounded more gives way. */
function roundPairs(column: Float64Array, scale: number): Int8Array {
  const codes = Int8Array.from(column, (v) => Math.max(-LARGEST, Math.min(LARGEST, Math.round(v / scale))));
  for (let k = 0; k + 1 < codes.length; k += 2) {
    const [a, b] = [codes[k]!, codes[k + 1]!];
    if (a * b <= 0 || Math.abs(a + b) <= LARGEST_PAIR) continue;
    const over = (i: number) => Math.abs(codes[i]!) - Math.abs(column[i]! / scale);
    const at = over(k) >= over(k + 1) ? k : k + 1;
    codes[at] = codes[at]! - Math.sign(codes[at]!);
  }
  return codes;
}
