/**
 * The number formats of checkpoints, widened to float32 and narrowed from it. The engine computes in float32 only;
 * these are the one place that knows fp16 and bf16 bits.
 *
 * fp16 is IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits); bf16 is the upper half of a binary32.
 * Narrowing rounds to nearest, ties to even, as PyTorch does.
 */

const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

let halfTable: Float32Array | undefined;

/** Every fp16 number by its 16 bits: 65,536 floats, made at first use. */
function halves(): Float32Array {
  if (halfTable !== undefined) return halfTable;
  halfTable = new Float32Array(0x10000);
  for (let half = 0; half < 0x10000; half++) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 31) halfTable[half] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) halfTable[half] = sign * fraction * 2 ** -24;
    else halfTable[half] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return halfTable;
}

/** Widens fp16 to float32, exactly: `target[i] = source[i]`. */
export function widenHalf(source: Uint16Array, target: Float32Array): void {
  const table = halves();
  for (let i = 0; i < source.length; i++) target[i] = table[source[i]!]!;
}

/** Widens bf16 to float32, exactly: `target[i] = source[i]`. */
export function widenBrain(source: Uint16Array, target: Float32Array): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < source.length; i++) words[i] = source[i]! << 16;
}

/**
 * Narrows float32 to fp16.
 * @returns the index of the first finite number that does not fit (magnitude 65,520 or more), or -1
 */
export function narrowToHalf(source: Float32Array, target: Uint16Array): number {
  for (let i = 0; i < source.length; i++) {
    const number = source[i]!;
    const half = toHalf(number);
    if ((half & 0x7fff) === 0x7c00 && Number.isFinite(number)) return i;
    target[i] = half;
  }
  return -1;
}

/**
 * Narrows float32 to bf16.
 * @returns the index of the first finite number that rounds to infinity, or -1
 */
export function narrowToBrain(source: Float32Array, target: Uint16Array): number {
  const words = new Uint32Array(source.buffer, source.byteOffset, source.length);
  for (let i = 0; i < source.length; i++) {
    const word = words[i]!;
    if ((word & 0x7fffffff) > 0x7f800000) {
      target[i] = (word >>> 16) | 0x40;
      continue;
    }
    const rounded = ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
    if ((rounded & 0x7fff) === 0x7f80 && (word & 0x7fffffff) !== 0x7f800000) return i;
    target[i] = rounded;
  }
  return -1;
}

function toHalf(number: number): number {
  value[0] = number;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 the result is subnormal: a whole number of 2^-24. Adding 0.5 makes the adder round to even there.
    value[0] = Math.fround(Math.abs(number) + 0.5);
    return sign | (bits[0]! - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}
