/** Logistic regression on dense rows, for telling two samples apart. */

export type DenseRows = {
  /** `[rows, width]` */
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
};

export type LogisticModel = {
  /** `[width]` */
  readonly weights: Float64Array;
  readonly bias: number;
};

const NEWTON_STEPS = 30;
const INNER_STEPS = 60;
const CLOSE_ENOUGH = 1e-6;
/** How far a step may be from Newton's, as a share of the gradient: exact steps are not worth their price. */
const INEXACT = 0.05;

/**
 * The weights with the least Σ log(1 + exp(−y f(x))) + ½ |w|², f(x) = w·x + b, y = ±1; the bias costs nothing. The
 * same as scikit-learn's `LogisticRegression(C=1)`. Newton's method; each step is found by conjugate gradients and
 * halved until the loss falls.
 *
 * @param positive - one a row
 */
export function fitLogistic(x: DenseRows, positive: ArrayLike<boolean>): LogisticModel {
  const { width } = x;
  let parameters = new Float64Array(width + 1);
  let { loss, gradient, curvature } = lossAt(x, positive, parameters);
  const first = norm(gradient);
  for (let step = 0; step < NEWTON_STEPS && norm(gradient) > CLOSE_ENOUGH * Math.max(1, first); step++) {
    const direction = solve(x, curvature, gradient);
    let scale = 1;
    let next = parameters;
    let found = { loss, gradient, curvature };
    for (let half = 0; half < 30; half++) {
      next = parameters.map((value, i) => value - scale * direction[i]!);
      found = lossAt(x, positive, next);
      if (found.loss <= loss) break;
      scale /= 2;
    }
    if (!(found.loss < loss)) break;
    parameters = next;
    ({ loss, gradient, curvature } = found);
  }
  return { weights: parameters.slice(0, width), bias: parameters[width]! };
}

/** log-odds of each row. @returns `[rows]` */
export function logitsOf(x: DenseRows, { weights, bias }: LogisticModel): Float64Array {
  const logits = new Float64Array(x.rows);
  for (let row = 0; row < x.rows; row++) logits[row] = dotRow(x, row, weights) + bias;
  return logits;
}

function lossAt(x: DenseRows, positive: ArrayLike<boolean>, parameters: Float64Array) {
  const { rows, width } = x;
  const gradient = new Float64Array(width + 1);
  const curvature = new Float64Array(rows);
  let loss = 0;
  for (let i = 0; i < width; i++) {
    loss += parameters[i]! ** 2 / 2;
    gradient[i] = parameters[i]!;
  }
  for (let row = 0; row < rows; row++) {
    const logit = dotRow(x, row, parameters) + parameters[width]!;
    const signed = positive[row] ? logit : -logit;
    loss += signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
    const p = 1 / (1 + Math.exp(-logit));
    curvature[row] = p * (1 - p);
    addRow(x, row, p - (positive[row] ? 1 : 0), gradient);
  }
  return { loss, gradient, curvature };
}

/** H d = g by conjugate gradients, H = Xᵀ diag(curvature) X + I without the bias. */
function solve(x: DenseRows, curvature: Float64Array, gradient: Float64Array): Float64Array {
  const size = gradient.length;
  const solution = new Float64Array(size);
  const residual = gradient.slice();
  const direction = gradient.slice();
  let squares = dot(residual, residual);
  const enough = squares * INEXACT ** 2;
  for (let i = 0; i < INNER_STEPS && squares > enough; i++) {
    const product = direction.slice();
    product[x.width] = 0;
    for (let row = 0; row < x.rows; row++) {
      const along = dotRow(x, row, direction) + direction[x.width]!;
      addRow(x, row, curvature[row]! * along, product);
    }
    const bend = dot(direction, product);
    if (bend <= 0) break;
    const step = squares / bend;
    for (let k = 0; k < size; k++) {
      solution[k]! += step * direction[k]!;
      residual[k]! -= step * product[k]!;
    }
    const before = squares;
    squares = dot(residual, residual);
    for (let k = 0; k < size; k++) direction[k] = residual[k]! + (squares / before) * direction[k]!;
  }
  return solution;
}

function dotRow({ data, width }: DenseRows, row: number, weights: Float64Array): number {
  let sum = 0;
  const start = row * width;
  for (let i = 0; i < width; i++) sum += data[start + i]! * weights[i]!;
  return sum;
}

/** Adds `scale` times the row, and `scale` for the bias. */
function addRow({ data, width }: DenseRows, row: number, scale: number, into: Float64Array): void {
  const start = row * width;
  for (let i = 0; i < width; i++) into[i]! += scale * data[start + i]!;
  into[width]! += scale;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (values: Float64Array) => Math.sqrt(dot(values, values));
