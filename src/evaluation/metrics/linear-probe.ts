import { requireSameLength } from '../columns.ts';

/** Vectors with a class each. */
export type LabelledVectors = {
  /** `[count, width]`, row after row. */
  readonly vectors: Float32Array;
  readonly labels: readonly string[];
};

/** What the squares of the weights weigh beside an example. */
const RIDGE = 1e-3;

/**
 * Share of the test rows whose class a linear model names that was fitted on the training rows: least squares on classes as 0 and 1, with
 * standardised columns and a ridge of a thousandth of the rows, which has a closed form. A tie goes to the class that comes
 * first in training.
 * @returns in [0, 1]; undefined where either part has no rows
 * @throws evaluation/length-mismatch
 */
export function linearProbe(train: LabelledVectors, test: LabelledVectors): number | undefined {
  const [rows, count] = [train.labels.length, test.labels.length];
  if (rows === 0 || count === 0) return undefined;
  const width = train.vectors.length / rows;
  requireSameLength(
    'linearProbe',
    { name: 'test vectors', length: test.vectors.length },
    { name: 'test labels by width', length: count * width },
  );
  const classes = [...new Set(train.labels)];
  const standard = standardiser(train.vectors, width);
  const x = standard(train.vectors);
  const gram = Array.from({ length: width }, () => new Float64Array(width));
  const right = classes.map(() => new Float64Array(width));
  const shares = classes.map((each) => train.labels.filter((label) => label === each).length / rows);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    const own = right[classes.indexOf(train.labels[row]!)]!;
    for (let i = 0; i < width; i++) {
      const value = x[at + i]!;
      own[i]! += value;
      const line = gram[i]!;
      for (let j = 0; j <= i; j++) line[j]! += value * x[at + j]!;
    }
  }
  for (let i = 0; i < width; i++) gram[i]![i]! += RIDGE * rows;
  factorise(gram);
  // The columns have no mean, so the constant is the share of the class.
  const weights = right.map((column) => solve(gram, column));
  const tested = standard(test.vectors);
  let hits = 0;
  for (let row = 0; row < count; row++) {
    const scores = weights.map((weight, c) =>
      weight.reduce((total, value, i) => total + value * tested[row * width + i]!, shares[c]!),
    );
    if (classes[scores.indexOf(Math.max(...scores))] === test.labels[row]) hits++;
  }
  return hits / count;
}

/** Share of the test rows whose nearest training row, by cosine, is of their class. */
export function nearestIsAlike(train: LabelledVectors, test: LabelledVectors): number | undefined {
  const [rows, count] = [train.labels.length, test.labels.length];
  if (rows === 0 || count === 0) return undefined;
  const width = train.vectors.length / rows;
  const known = unit(train.vectors, width);
  let hits = 0;
  for (let row = 0; row < count; row++) {
    let [best, highest] = [0, -Infinity];
    for (let other = 0; other < rows; other++) {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += test.vectors[row * width + i]! * known[other * width + i]!;
      if (dot > highest) [best, highest] = [other, dot];
    }
    if (train.labels[best] === test.labels[row]) hits++;
  }
  return hits / count;
}

function standardiser(vectors: Float32Array, width: number): (of: Float32Array) => Float64Array {
  const rows = vectors.length / width;
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  for (const [i, value] of vectors.entries()) mean[i % width]! += value / rows;
  for (const [i, value] of vectors.entries()) squares[i % width]! += (value - mean[i % width]!) ** 2 / rows;
  const scale = squares.map((square) => 1 / Math.sqrt(square + 1e-12));
  return (of) => Float64Array.from(of, (value, i) => (value - mean[i % width]!) * scale[i % width]!);
}

function unit(vectors: Float32Array, width: number): Float32Array {
  const result = vectors.slice();
  for (let from = 0; from < result.length; from += width) {
    const row = result.subarray(from, from + width);
    const norm = Math.sqrt(row.reduce((total, value) => total + value * value, 0));
    for (let i = 0; i < width; i++) row[i]! /= norm || 1;
  }
  return result;
}

/** Cholesky's factor of a positive definite matrix, in its lower half. */
function factorise(matrix: readonly Float64Array[]): void {
  for (let i = 0; i < matrix.length; i++) {
    const line = matrix[i]!;
    for (let j = 0; j <= i; j++) {
      const other = matrix[j]!;
      let rest = line[j]!;
      for (let k = 0; k < j; k++) rest -= line[k]! * other[k]!;
      line[j] = i === j ? Math.sqrt(rest) : rest / other[j]!;
    }
  }
}

function solve(factor: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = right.slice();
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i]![k]! * x[k]!;
    x[i]! /= factor[i]![i]!;
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= factor[k]![i]! * x[k]!;
    x[i]! /= factor[i]![i]!;
  }
  return x;
}
