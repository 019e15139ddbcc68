/**
 * Losses with masks for partial labels: an element whose mask is 0 gives no loss, no gradient and no weight.
 *
 * Each returns the weighted total and the weight it is to be divided by, so that micro-batches of one step add up to
 * exactly the loss of the whole step. Letters: N rows, C classes.
 */
import {
  abs,
  add,
  cast,
  divide,
  equal,
  exp,
  expandDims,
  less,
  logSoftmax,
  matmul,
  multiply,
  negate,
  oneHot,
  power,
  range,
  scalar,
  scale,
  sigmoid,
  size,
  softplus,
  sqrt,
  subtract,
  sum,
  transpose,
  where,
  zerosLike,
} from '../graph/builder.ts';
import type { Tensor } from '../graph/tensor.ts';

/** Two float32 scalars: the loss is `total / weight`. */
export type LossTerm = { readonly total: Tensor; readonly weight: Tensor };

export const meanLoss = ({ total, weight }: LossTerm): Tensor => divide(total, weight);

/** The mean over elements whose mask is 1. @param values - any shape; @param mask - float32 of that shape, or undefined */
export function masked(values: Tensor, mask: Tensor | undefined): LossTerm {
  if (mask === undefined)
    return {
      total: sum(values),
      weight: size(
        values,
        values.shape.map((_, axis) => axis),
      ),
    };
  return { total: sum(multiply(values, mask)), weight: sum(mask) };
}

export type CrossEntropyOptions = {
  /** `[N]` float32, 0 where the label is missing. */
  readonly mask?: Tensor;
  /** `[C]` float32. */
  readonly classWeights?: Tensor;
  /** ε in [0, 1): the target is 1 - ε on the label plus ε / C everywhere; Szegedy et al. 2016. */
  readonly smoothing?: number;
};

/**
 * -log softmax(logits)[label], divided by the sum of the labels' class weights, as PyTorch's `cross_entropy`.
 * @param logits - `[N, C]`; @param labels - `[N]` int32; masked rows may hold any value
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): LossTerm {
  const classes = logits.shape[1] as number;
  const { classWeights, smoothing = 0 } = options;
  const logProbabilities = logSoftmax(logits, 1);
  const target = oneHot(labels, classes);
  const weighted = classWeights ? multiply(target, classWeights) : target;
  const rowLoss = negate(sum(multiply(logProbabilities, weighted), [1]));
  const mask = options.mask;
  const masking = (row: Tensor) => (mask ? sum(multiply(row, mask)) : sum(row));
  const weight = masking(sum(weighted, [1]));
  if (smoothing === 0) return { total: masking(rowLoss), weight };
  const spread = negate(sum(classWeights ? multiply(logProbabilities, classWeights) : logProbabilities, [1]));
  return {
    total: add(scale(masking(rowLoss), 1 - smoothing), scale(masking(spread), smoothing / classes)),
    weight,
  };
}

/**
 * Binary cross-entropy from logits: softplus(x) - x y, positives times their weight.
 * @param logits, labels - float32 of one shape, labels 0 or 1; @param options.positiveWeights - `[C]`
 */
export function binaryCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: { readonly mask?: Tensor; readonly positiveWeights?: Tensor } = {},
): LossTerm {
  return masked(binaryLoss(logits, labels, options.positiveWeights), options.mask);
}

function binaryLoss(logits: Tensor, labels: Tensor, positiveWeights: Tensor | undefined): Tensor {
  const positive = multiply(labels, softplus(negate(logits)));
  const negative = multiply(subtract(scalar(1), labels), softplus(logits));
  return add(positiveWeights ? multiply(positive, positiveWeights) : positive, negative);
}

/**
 * Focal loss of independent classes: -α_t (1 - p_t)^γ log p_t; Lin et al. 2017, https://arxiv.org/abs/1708.02002.
 * @param options.alpha - weight of positives (negatives get 1 - α); 1 for both when left out
 */
export function binaryFocal(
  logits: Tensor,
  labels: Tensor,
  options: { readonly gamma: number; readonly alpha?: number; readonly mask?: Tensor },
): LossTerm {
  const { gamma, alpha, mask } = options;
  const probability = sigmoid(logits);
  const wrong = add(
    multiply(labels, subtract(scalar(1), probability)),
    multiply(subtract(scalar(1), labels), probability),
  );
  const focused = multiply(powerOf(wrong, gamma), binaryLoss(logits, labels, undefined));
  if (alpha === undefined) return masked(focused, mask);
  const weight = add(scale(labels, alpha), scale(subtract(scalar(1), labels), 1 - alpha));
  return masked(multiply(focused, weight), mask);
}

/**
 * Focal loss of exclusive classes: -w_y (1 - p_y)^γ log p_y, the mean over rows.
 * @param logits - `[N, C]`; @param labels - `[N]` int32
 */
export function focal(
  logits: Tensor,
  labels: Tensor,
  options: { readonly gamma: number; readonly classWeights?: Tensor; readonly mask?: Tensor },
): LossTerm {
  const target = oneHot(labels, logits.shape[1] as number);
  const logProbability = sum(multiply(logSoftmax(logits, 1), target), [1]);
  const wrong = subtract(scalar(1), exp(logProbability));
  const focused = negate(multiply(powerOf(wrong, options.gamma), logProbability));
  const weighted = options.classWeights
    ? multiply(focused, sum(multiply(target, options.classWeights), [1]))
    : focused;
  return masked(weighted, options.mask);
}

/** x^γ for x >= 0, with a finite gradient at 0. */
function powerOf(x: Tensor, gamma: number): Tensor {
  if (gamma === 0) return add(zerosLike(x), scalar(1));
  if (gamma === 1) return x;
  if (gamma === 2) return multiply(x, x);
  return power(add(x, scalar(1e-12)), scalar(gamma));
}

type ElementOptions = { readonly mask?: Tensor };

/** (x - y)². */
export function meanSquared(predictions: Tensor, targets: Tensor, options: ElementOptions = {}): LossTerm {
  const difference = subtract(predictions, targets);
  return masked(multiply(difference, difference), options.mask);
}

/** |x - y|. */
export function meanAbsolute(predictions: Tensor, targets: Tensor, options: ElementOptions = {}): LossTerm {
  return masked(abs(subtract(predictions, targets)), options.mask);
}

/** ½ d² for |d| < δ, δ (|d| - ½ δ) beyond; Huber 1964. */
export function huber(
  predictions: Tensor,
  targets: Tensor,
  options: ElementOptions & { readonly delta: number },
): LossTerm {
  const difference = subtract(predictions, targets);
  const magnitude = abs(difference);
  const inner = scale(multiply(difference, difference), 0.5);
  const outer = scale(subtract(magnitude, scalar(options.delta / 2)), options.delta);
  return masked(where(less(magnitude, scalar(options.delta)), inner, outer), options.mask);
}

/**
 * In-batch contrastive loss: cross-entropy of row i of a bᵀ / τ (unit vectors) against column i; van den Oord et al.
 * 2018, https://arxiv.org/abs/1807.03748. A masked row is neither an anchor nor a candidate.
 * @param a, b - `[N, D]`; @param options.direction - `forward`, or `both` for the mean of rows and columns (CLIP)
 */
export function infoNce(
  a: Tensor,
  b: Tensor,
  options: { readonly temperature: number; readonly direction: 'forward' | 'both'; readonly mask?: Tensor },
): LossTerm {
  const scores = scale(matmul(unit(a), unit(b), { transposeB: true }), 1 / options.temperature);
  const { mask } = options;
  const open = mask ? scale(subtract(scalar(1), mask), -1e9) : undefined;
  const oneWay = (matrix: Tensor): LossTerm => {
    const places = range(matrix, 0);
    const diagonal = cast(equal(expandDims(places, 1), expandDims(places, 0)), 'float32');
    const logProbabilities = logSoftmax(open ? add(matrix, expandDims(open, 0)) : matrix, 1);
    return masked(negate(sum(multiply(logProbabilities, diagonal), [1])), mask);
  };
  const rows = oneWay(scores);
  if (options.direction === 'forward') return rows;
  return { total: scale(add(rows.total, oneWay(transpose(scores, [1, 0])).total), 0.5), weight: rows.weight };
}

/** Rows scaled to length 1. */
function unit(x: Tensor): Tensor {
  return divide(x, sqrt(add(sum(multiply(x, x), [1], true), scalar(1e-24))));
}
