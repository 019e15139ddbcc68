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
    if (scale > 0) roundPairs(column, scale, codes, j, outputs);
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
function roundPairs(column: Float64Array, scale: number, codes: Int8Array, at: number, step: number): void {
  for (let k = 0; k < column.length; k += 2) {
    const x = column[k]! / scale;
    const y = (column[k + 1] ?? 0) / scale;
    let a = Math.max(-LARGEST, Math.min(LARGEST, Math.round(x)));
    let b = Math.max(-LARGEST, Math.min(LARGEST, Math.round(y)));
    if (a * b > 0 && Math.abs(a + b) > LARGEST_PAIR) {
      if (Math.abs(a) - Math.abs(x) >= Math.abs(b) - Math.abs(y)) a -= Math.sign(a);
      else b -= Math.sign(b);
    }
    codes[at + k * step] = a;
    if (k + 1 < column.length) codes[at + (k + 1) * step] = b;
  }
}
