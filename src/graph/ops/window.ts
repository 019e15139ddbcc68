/**
 * Windows that slide over the last two axes of [batch, channels, height, width]: how many there are, and which element a
 * place of a window is.
 */
import { type Dim, type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';

/** One number an axis: height, width. */
export type Pair = readonly [number, number];

export type Window = {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Zeros put around: top, left, bottom, right, as ONNX orders them. */
  readonly pads: readonly [number, number, number, number];
};

/** Elements from a window's first to its last place along an axis, both counted. */
const reach = ({ kernel, dilations }: Window, axis: 0 | 1) => dilations[axis] * (kernel[axis] - 1) + 1;

/** How many windows fit along an axis of `size`. */
function windowsAlong(window: Window, axis: 0 | 1, size: number): number {
  const padded = size + window.pads[axis] + window.pads[axis + 2]!;
  return Math.floor((padded - reach(window, axis)) / window.strides[axis]) + 1;
}

/**
 * The number of windows along height and width.
 * @param x - the shape that the windows slide over
 * @throws graph/bad-argument where none fits, or a size is not known when the graph is built
 */
export function windowsOver(op: string, x: Shape, window: Window): Pair {
  const [height, width] = knownSize(op, x);
  const counts = [windowsAlong(window, 0, height), windowsAlong(window, 1, width)] as const;
  const numbers = [...window.kernel, ...window.strides, ...window.dilations];
  if (
    numbers.some((n) => !Number.isInteger(n) || n < 1) ||
    window.pads.some((n) => n < 0) ||
    Math.min(...counts) < 1
  ) {
    throw graphError(
      'graph/bad-argument',
      `The window of ${op} (kernel ${window.kernel}, strides ${window.strides}, pads ${window.pads}, dilations ${window.dilations}) must fit ${showShape(x)} at least once.`,
      { details: { op, window, shape: x } },
    );
  }
  return counts;
}

/** Height and width of [batch, channels, height, width]. */
export function knownSize(op: string, x: Shape): Pair {
  const [height, width] = x.slice(2) as [Dim, Dim];
  if (x.length === 4 && typeof height === 'number' && typeof width === 'number') return [height, width];
  throw graphError(
    'graph/bad-argument',
    `${op} needs [batch, channels, height, width] with a height and width that are numbers. Got ${showShape(x)}.`,
    { details: { op, shape: x } },
  );
}

/** Where place `at` of window number `window` lies along an axis: below 0 or beyond the axis in the padding. */
export function placeOf(window: Window, axis: 0 | 1, number: number, at: number): number {
  return number * window.strides[axis] + at * window.dilations[axis] - window.pads[axis];
}

/** What lies before and after an axis of `size` for `windows` windows to cover it exactly; below 0: the axis is cut. */
export function exactPads(window: Window, axis: 0 | 1, size: number, windows: number): Pair {
  const before = window.pads[axis];
  return [before, window.strides[axis] * (windows - 1) + reach(window, axis) - size - before];
}
