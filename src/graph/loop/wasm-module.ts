/**
 * The few parts of WebAssembly's binary format that one loop over vectors of four floats needs; WebAssembly Core 2.0 with its
 * vector instructions, https://www.w3.org/TR/wasm-core-2/.
 */

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const NOTHING = 0x40;

/** Bytes of a vector. */
export const VECTOR = 16;

/** Instructions on vectors, by their numbers behind the vector prefix. */
const VECTOR_CODES = {
  load: 0x00,
  store: 0x0b,
  splat: 0x13,
  abs: 0xe0,
  negate: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  subtract: 0xe5,
  multiply: 0xe6,
  divide: 0xe7,
} as const;

export type VectorCode = keyof typeof VECTOR_CODES;

/** One vector that the loop computes from earlier ones, or reads; a number names a vector: scalars first, then steps. */
export type LoopStep =
  | { readonly kind: 'load'; readonly array: number }
  | {
      readonly kind: 'compute';
      readonly code: Exclude<VectorCode, 'load' | 'store' | 'splat'>;
      readonly from: readonly number[];
    };

export type LoopPlan = {
  readonly arrays: number;
  /** How many float arguments the function takes; each becomes a vector of four times itself. */
  readonly scalars: number;
  readonly steps: readonly LoopStep[];
  /** What is written at the end of each turn. */
  readonly stores: readonly { readonly vector: number; readonly array: number }[];
};

/**
 * A module that imports `loop.memory` and exports `run(bytes, ...places, ...scalars)`: for every vector of the first `bytes`
 * bytes (above 0, a multiple of 16) of the arrays at `places`, all loads and computations, then all stores.
 */
export function loopModule(plan: LoopPlan): Uint8Array<ArrayBuffer> {
  const parameters = [
    ...Array.from({ length: 1 + plan.arrays }, () => I32),
    ...Array.from({ length: plan.scalars }, () => F32),
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([[0x60, ...list(parameters.map((type) => [type])), ...list([])]])),
    ...section(2, list([[...name('loop'), ...name('memory'), 0x02, 0x00, ...unsigned(1)]])),
    ...section(3, list([[0x00]])),
    ...section(7, list([[...name('run'), 0x00, 0x00]])),
    ...section(10, list([sized(body(plan))])),
  ]);
}

function body({ arrays, scalars, steps, stores }: LoopPlan): number[] {
  const firstScalar = 1 + arrays;
  const position = firstScalar + scalars;
  const local = (vector: number) => position + 1 + vector;
  const place = (array: number) => [...get(1 + array), ...get(position), 0x6a];
  const splats = Array.from({ length: scalars }, (_, i) => [
    ...get(firstScalar + i),
    ...vector('splat'),
    ...set(local(i)),
  ]);
  const computed = steps.map((step, i) => [
    ...(step.kind === 'load'
      ? [...place(step.array), ...vector('load'), ...UNALIGNED]
      : [...step.from.flatMap((from) => get(local(from))), ...vector(step.code)]),
    ...set(local(scalars + i)),
  ]);
  const stored = stores.map((store) => [
    ...place(store.array),
    ...get(local(store.vector)),
    ...vector('store'),
    ...UNALIGNED,
  ]);
  return [
    ...list([
      [...unsigned(1), I32],
      [...unsigned(scalars + steps.length), V128],
    ]),
    ...splats.flat(),
    ...[0x03, NOTHING], // loop
    ...computed.flat(),
    ...stored.flat(),
    // position += 16; again while position < bytes
    ...[...get(position), 0x41, VECTOR, 0x6a, 0x22, ...unsigned(position), ...get(0), 0x49, 0x0d, 0x00],
    ...[0x0b, 0x0b],
  ];
}

const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const vector = (code: VectorCode) => [0xfd, ...unsigned(VECTOR_CODES[code])];
/** Alignment (a hint, as a power of two) and offset of a load or a store. */
const UNALIGNED = [0x02, 0x00];
const section = (id: number, content: readonly number[]) => [id, ...sized(content)];
const sized = (content: readonly number[]) => [...unsigned(content.length), ...content];
const list = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const name = (text: string) => list([...Buffer.from(text)].map((byte) => [byte]));

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}
