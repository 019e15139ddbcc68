/**
 * Ridge regression of several targets at once, solved by conjugate gradients on the normal equations (Hestenes and Stiefel
 * 1952): a few vectors of weights, never a matrix of features by features.
 *
 * Letters: R rows, F features, C columns, each a target with a penalty.
 */
import type { SparseRows } from './sparse-rows.ts';

export type RidgeProblem = {
  readonly rows: SparseRows;
  readonly features: number;
  /** `[R, C]`; NaN leaves the row out of that column. */
  readonly targets: Float64Array;
  /** Of each column, above 0. */
  readonly penalties: readonly number[];
};

export type RidgeSolution = {
  /** `[F, C]` */
  readonly weights: Float64Array;
  /** `[C]` */
  readonly bias: Float64Array;
};

const ITERATIONS = 50;
/** A column rests when its residual has fallen to this share of what it was at first. */
const CLOSE_ENOUGH = 1e-4;

/** For each column the w and b with the least sum over its rows of (x w + b - y)^2, plus penalty |w|^2; b costs nothing. */
export function solveRidge({ rows, features, targets, penalties }: RidgeProblem): RidgeSolution {
  const width = penalties.length;
  // The bias is the weight of one more feature, which each row has.
  const weights = new Float64Array((features + 1) * width);
  const residual = transposed(rows, features, targets, width);
  const direction = residual.slice();
  const outputs = new Float64Array(rows.count * width);
  let squares = columnDots(residual, residual, width);
  const enough = squares.map((square) => square * CLOSE_ENOUGH ** 2);
  for (let i = 0; i < ITERATIONS && squares.some((square, c) => square > enough[c]!); i++) {
    for (let row = 0; row < rows.count; row++) {
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set(direction.subarray(features * width));
      rows.multiply(row, direction, own);
      for (let c = 0; c < width; c++) if (Number.isNaN(targets[row * width + c]!)) own[c] = 0;
    }
    const product = transposed(rows, features, outputs, width);
    for (let at = 0; at < features * width; at++) product[at]! += penalties[at % width]! * direction[at]!;
    const curvature = columnDots(direction, product, width);
    const steps = squares.map((square, c) => (square > enough[c]! ? square / curvature[c]! : 0));
    for (let at = 0; at < weights.length; at++) {
      const step = steps[at % width]!;
      weights[at]! += step * direction[at]!;
      residual[at]! -= step * product[at]!;
    }
    const before = squares;
    squares = columnDots(residual, residual, width);
    const turns = squares.map((square, c) => (before[c]! > 0 ? square / before[c]! : 0));
    for (let at = 0; at < weights.length; at++)
      direction[at] = residual[at]! + turns[at % width]! * direction[at]!;
  }
  return { weights: weights.subarray(0, features * width), bias: weights.slice(features * width) };
}

/** X^T Y, and below it the sum of each column, which is that of the bias's feature: `[F + 1, C]`. NaN counts as 0. */
function transposed(rows: SparseRows, features: number, y: Float64Array, width: number): Float64Array {
  const result = new Float64Array((features + 1) * width);
  const bias = result.subarray(features * width);
  const known = new Float64Array(width);
  for (let row = 0; row < rows.count; row++) {
    for (let c = 0; c < width; c++) {
      const value = y[row * width + c]!;
      known[c] = Number.isNaN(value) ? 0 : value;
      bias[c]! += known[c]!;
    }
    rows.addOuter(row, known, result);
  }
  return result;
}

function columnDots(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const dots = new Float64Array(width);
  for (let at = 0; at < a.length; at++) dots[at % width]! += a[at]! * b[at]!;
  return dots;
}
