/**
 * The ONNX forms of a convolution's gradients, for which there are no operators.
 *
 * These were the fastest of seven (onnxruntime 1.30, AVX-512, 64 to 512 channels, where a matrix product gave 89
 * GFLOP/s on one core): by the input, a convolution with the kernel flipped, 62 to 89 (ConvTranspose 54 to 79); by the
 * weight, a convolution in three dimensions, 72 to 89 (products of shifted copies 36 to 88, im2col and one product 46 to
 * 78, a convolution in two with batch and channels swapped 24 to 53).
 */
import type { Shape } from '../dimensions.ts';
import type { Emitter, OnnxAttributes } from '../tensor.ts';
import { exactPads, knownSize, type Pair, type Window } from './window.ts';

/** The attributes of ONNX's Conv, ConvTranspose and pooling operators. */
export function onnxWindow({ kernel, strides, pads, dilations }: Window, group: number): OnnxAttributes {
  return { kernel_shape: kernel, strides, pads, dilations, group };
}

const AXES = [0, 1] as const;

/**
 * Whether a picture of the output has too few pixels for a product of matrices of its own: fewer than 64, or, where each is
 * the sum over many channels of input, up to 256.
 */
function isNarrow(windows: Pair, inner: number): boolean {
  const pixels = windows[0] * windows[1];
  return pixels < 64 || (pixels <= 256 && inner >= 128);
}

/**
 * A convolution. Where a picture has few pixels left, one in three dimensions, the third being the batch: its products of
 * matrices are as wide as the batch, which with 256 channels of 12 to 196 pixels takes two thirds of the time or less. Where the
 * weights stand in the file the runtime lays them out for its own kernels beforehand, which know two dimensions alone.
 * @param weightShape - [out, in / groups, kernel height, kernel width]
 * @param windows - height and width of the output
 */
export function convolve(
  [x, weight, bias]: readonly string[],
  window: Window,
  groups: number,
  { weightShape, windows }: { readonly weightShape: Shape; readonly windows: Pair },
  emitter: Emitter,
  stored: boolean,
): string {
  const inputs = bias === undefined ? [x!, weight!] : [x!, weight!, bias];
  if (stored || groups > 1 || !isNarrow(windows, weightShape[1] as number))
    return emitter.add('Conv', inputs, onnxWindow(window, groups));
  return batchLast(x!, weight!, emitter, (lifted) =>
    emitter.add('Conv', [...lifted, ...inputs.slice(2)], liftedWindow(window)),
  );
}

/** What `emit` makes of x [1, channels, height, width, batch] and the weight with a third dimension of 1, as pictures again. */
function batchLast(
  x: string,
  weight: string,
  emitter: Emitter,
  emit: (lifted: readonly [string, string]) => string,
): string {
  const turned = emitter.add('Transpose', [x], { perm: [1, 2, 3, 0] });
  const y = emit([lift(turned, 0, emitter), lift(weight, 4, emitter)]);
  const flat = emitter.add('Squeeze', [y, emitter.int64([0])]);
  return emitter.add('Transpose', [flat], { perm: [3, 0, 1, 2] });
}

/** The attributes of a window that is 1 long in a third dimension. */
function liftedWindow({ kernel, strides, pads, dilations }: Window): OnnxAttributes {
  return {
    kernel_shape: [...kernel, 1],
    strides: [...strides, 1],
    dilations: [...dilations, 1],
    pads: [pads[0], pads[1], 0, pads[2], pads[3], 0],
  };
}

const lift = (name: string, axis: number, emitter: Emitter) =>
  emitter.add('Unsqueeze', [name, emitter.int64([axis])]);

/** Height and width of the input and of dy, and the weight's whole shape. */
type Sizes = { readonly size: Pair; readonly windows: Pair; readonly weightShape: Shape };

/**
 * By the input: at stride 1 a convolution with the kernel upside down and its channels swapped, else ConvTranspose, which
 * too has the batch as a third dimension where dy has a pixel or few of very many channels.
 */
export function byInput(
  { dy, weight }: { readonly dy: string; readonly weight: string },
  window: Window,
  groups: number,
  sizes: Sizes,
  emitter: Emitter,
): string {
  const { size, windows, weightShape } = sizes;
  const { kernel, strides, pads, dilations } = window;
  const before = AXES.map((axis) => dilations[axis] * (kernel[axis] - 1) - pads[axis]);
  const after = AXES.map((axis) => size[axis] - windows[axis] + pads[axis]);
  const around = [...before, ...after] as unknown as Window['pads'];
  const [out, inner] = weightShape as readonly number[];
  if (groups > 1 || strides.some((n) => n > 1) || around.some((n) => n < 0))
    return transposed({ dy, weight }, window, groups, sizes, emitter);
  const swapped = emitter.add('Transpose', [weight], { perm: [1, 0, 2, 3] });
  const flat = kernel.every((n) => n === 1);
  const last = () => emitter.int64([-1, -1]);
  const beforeFirst = () => emitter.int64(kernel.map((n) => -n - 1));
  const flipped = flat
    ? swapped
    : emitter.add('Slice', [swapped, last(), beforeFirst(), emitter.int64([2, 3]), last()]);
  const flippedShape = [inner!, out!, ...kernel];
  return convolve(
    [dy, flipped],
    { ...window, pads: around },
    1,
    { weightShape: flippedShape, windows: size },
    emitter,
    false,
  );
}

function transposed(
  { dy, weight }: { readonly dy: string; readonly weight: string },
  window: Window,
  groups: number,
  { size, windows, weightShape }: Sizes,
  emitter: Emitter,
): string {
  const after = AXES.map((axis) => exactPads(window, axis, size[axis], windows[axis])[1]);
  const pads = [window.pads[0], window.pads[1], Math.max(after[0]!, 0), Math.max(after[1]!, 0)] as const;
  const output_padding = after.map((n) => Math.max(-n, 0));
  if (groups > 1 || (weightShape[0] as number) < 64 * windows[0] * windows[1])
    return emitter.add('ConvTranspose', [dy, weight], {
      ...onnxWindow({ ...window, pads }, groups),
      output_padding,
    });
  return batchLast(dy, weight, emitter, (lifted) =>
    emitter.add('ConvTranspose', lifted, {
      ...liftedWindow({ ...window, pads }),
      output_padding: [...output_padding, 0],
    }),
  );
}

type Named = { readonly name: string; readonly shape: Shape };
type Sides = { readonly x: Named; readonly dy: Named };

/** By the weight: [out, in / groups, kernel height, kernel width]. */
export function byWeight(sides: Sides, window: Window, groups: number, emitter: Emitter): string {
  const { kernel, strides, pads } = window;
  if (groups > 1) return grouped(sides, window, groups, emitter);
  const pointwise = [...kernel, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
  return pointwise ? pointwiseProduct(sides, emitter) : inThreeDimensions(sides, window, emitter);
}

/** 1 x 1: one product over all pixels. */
function pointwiseProduct({ x, dy }: Sides, emitter: Emitter): string {
  const [inner, out] = [x.shape[1] as number, dy.shape[1] as number];
  const rows = ({ name, shape }: Named) =>
    emitter.add('Reshape', [swapFirst(name, emitter), emitter.int64([shape[1] as number, -1])]);
  const weight = emitter.add('Gemm', [rows(dy), rows(x)], { transB: 1 });
  return emitter.add('Reshape', [weight, emitter.int64([out, inner, 1, 1])]);
}

/** Fewer channels than this are no good as the innermost axis, nor is any number of them beside so few pixels. */
const FEW_CHANNELS = 16;
const FEW_PIXELS = 16;

/**
 * A convolution in three dimensions whose input channels are the batch's rows, whose kernel is dy [out, batch, ...], and
 * whose output is [out, kernel height, kernel width, in]. The third dimension, where the kernel is 1 long, holds the
 * input's channels: with them the output is wide enough for the runtime's blocks.
 */
function inThreeDimensions({ x, dy }: Sides, window: Window, emitter: Emitter): string {
  const cover = covering(x, dy, window, emitter);
  const last = (x.shape[1] as number) >= FEW_CHANNELS && cover.windows[0] * cover.windows[1] > FEW_PIXELS;
  const put = (pair: readonly number[], between: number) => (last ? [...pair, between] : [between, ...pair]);
  const input = last ? emitter.add('Transpose', [cover.input], { perm: [0, 2, 3, 1] }) : cover.input;
  const weight = emitter.add(
    'Conv',
    [lift(input, 0, emitter), lift(swapFirst(dy.name, emitter), last ? 4 : 2, emitter)],
    {
      kernel_shape: put(cover.windows, 1),
      strides: put(window.dilations, 1),
      dilations: put(window.strides, 1),
      pads: [...put(cover.before, 0), ...put(cover.after, 0)],
    },
  );
  const shape = emitter.int64([dy.shape[1] as number, x.shape[1] as number, ...window.kernel]);
  const ordered = last ? emitter.add('Transpose', [weight], { perm: [0, 1, 4, 2, 3] }) : weight;
  return emitter.add('Reshape', [ordered, shape]);
}

/** A convolution in the same groups, whose channels are the batch's rows. */
function grouped({ x, dy }: Sides, window: Window, groups: number, emitter: Emitter): string {
  const cover = covering(x, dy, window, emitter);
  const inner = (x.shape[1] as number) / groups;
  const parts = emitter.add('Reshape', [cover.input, emitter.int64([-1, groups, inner, ...cover.size])]);
  const byChannel = emitter.add('Transpose', [parts], { perm: [2, 1, 0, 3, 4] });
  const rows = emitter.add('Reshape', [byChannel, emitter.int64([inner, -1, ...cover.size])]);
  const weight = emitter.add('Conv', [rows, swapFirst(dy.name, emitter)], {
    kernel_shape: cover.windows,
    strides: window.dilations,
    dilations: window.strides,
    pads: [...cover.before, ...cover.after],
    group: groups,
  });
  return swapFirst(weight, emitter);
}

/** The input as the windows cover it exactly: what no window reaches is cut off, what lies outside is padding. */
function covering(x: Named, dy: Named, window: Window, emitter: Emitter) {
  const size = knownSize('convolution', x.shape);
  const windows = knownSize('convolution', dy.shape);
  const pads = AXES.map((axis) => exactPads(window, axis, size[axis], windows[axis]));
  const kept = pads.map(([, after], axis) => size[axis]! + Math.min(after, 0));
  const whole = kept.every((n, axis) => n === size[axis]);
  const cut = () => [emitter.int64([0, 0]), emitter.int64(kept), emitter.int64([2, 3])];
  return {
    input: whole ? x.name : emitter.add('Slice', [x.name, ...cut()]),
    size: kept,
    windows,
    before: pads.map(([before]) => before),
    after: pads.map(([, after]) => Math.max(after, 0)),
  };
}

function swapFirst(name: string, emitter: Emitter): string {
  return emitter.add('Transpose', [name], { perm: [1, 0, 2, 3] });
}
