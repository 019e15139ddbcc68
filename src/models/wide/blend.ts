/**
 * Joins the encoder's scores and the wide part's: for each attribute z = w_deep deep + w_wide wide + bias, the two weights
 * found on rows that neither was trained on. Log-linear mixing keeps logits logits, so that what follows need not know.
 */
import type { KnownLabel } from '../attribute/labels.ts';
import { type ChoiceSpec, type Columns, choiceColumns } from '../attribute/spec.ts';
import { classBias } from './class-bias.ts';
import { targetClasses } from './row-loss.ts';

/** A held-out product: logits `[V]` of both parts, side by side as `choiceColumns`, and what is known of it. */
export type BlendRow = {
  readonly deep: Float32Array;
  readonly wide: Float32Array;
  readonly labels: Readonly<Record<string, KnownLabel>>;
};

/** Plain JSON, one entry an attribute in the order of the choices; `bias` is by column. */
export type Blend = {
  readonly deep: readonly number[];
  readonly wide: readonly number[];
  readonly bias: readonly number[];
};

export type BlendOptions = {
  /** Held-out rows that the starting point (half of each part) counts as. */
  readonly priorRows: number;
  /**
   * ln of each class's share of the training rows, by column: rare classes are lifted by it where held-out rows say that
   * macro F1 gains and accuracy does not lose. Left out, no bias is sought.
   */
  readonly logPriors?: Float32Array;
};

const START = 0.5;

/** An attribute without held-out rows takes half of each part. */
export function blendWeights(
  choices: readonly ChoiceSpec[],
  rows: readonly BlendRow[],
  { priorRows = 1, logPriors }: Partial<BlendOptions> = {},
): Blend {
  const columns = choiceColumns(choices);
  const deep: number[] = [];
  const wide: number[] = [];
  const bias: number[] = [];
  for (const [i, choice] of choices.entries()) {
    const labelled = labelledRows(choice, columns[i]!, rows);
    const [first, second] = solve(choice.kind, labelled, priorRows);
    deep.push(first);
    wide.push(second);
    bias.push(...biasOf(choice, columns[i]!, labelled, [first, second], logPriors));
  }
  return { deep, wide, bias };
}

/** Logits `[V]` of a product from those of both parts. */
export function blendLogits(
  choices: readonly ChoiceSpec[],
  blend: Blend,
  deep: ArrayLike<number>,
  wide: ArrayLike<number>,
): Float32Array {
  const columns = choiceColumns(choices);
  const logits = new Float32Array(blend.bias.length);
  for (const [i, { start, size }] of columns.entries()) {
    for (let c = start; c < start + size; c++)
      logits[c] = blend.deep[i]! * deep[c]! + blend.wide[i]! * wide[c]! + blend.bias[c]!;
  }
  return logits;
}

type Labelled = {
  readonly deep: Float32Array;
  readonly wide: Float32Array;
  readonly targets: readonly number[];
};
type Pair = readonly [number, number];

function labelledRows(
  choice: ChoiceSpec,
  { start, size }: Columns,
  rows: readonly BlendRow[],
): readonly Labelled[] {
  const places = new Map(choice.values.map((value, v) => [value, v]));
  return rows.flatMap(({ deep, wide, labels }) => {
    const targets = targetClasses(choice, places, labels[choice.attribute]);
    if (targets === undefined) return [];
    return [{ deep: deep.subarray(start, start + size), wide: wide.subarray(start, start + size), targets }];
  });
}

const STEPS = 30;
const CLOSE_ENOUGH = 1e-6;

/** Newton's method on the summed log loss, convex in the two weights, which stay at 0 or above. */
function solve(kind: ChoiceSpec['kind'], rows: readonly Labelled[], priorRows: number): Pair {
  let at: Pair = [START, START];
  if (rows.length === 0) return at;
  let here = objective(kind, rows, at, priorRows);
  for (let step = 0; step < STEPS; step++) {
    const direction = newtonDirection(here, at);
    let rate = 1;
    let next = moved(at, direction, rate);
    let there = objective(kind, rows, next, priorRows);
    while (there.loss > here.loss && rate > 1e-4) {
      rate /= 2;
      next = moved(at, direction, rate);
      there = objective(kind, rows, next, priorRows);
    }
    if (there.loss > here.loss) break;
    const gain = here.loss - there.loss;
    at = next;
    here = there;
    if (gain < CLOSE_ENOUGH) break;
  }
  return at;
}

type Objective = {
  readonly loss: number;
  readonly gradient: Pair;
  /** Of the second derivatives: deep deep, deep wide, wide wide. */
  readonly curvature: readonly [number, number, number];
};

function newtonDirection({ gradient: [gd, gw], curvature: [dd, dw, ww] }: Objective, [d, w]: Pair): Pair {
  // A weight that rests at 0 and would go lower stays, and the other moves alone.
  if (d === 0 && gd > 0) return [0, -gw / ww];
  if (w === 0 && gw > 0) return [-gd / dd, 0];
  const determinant = dd * ww - dw * dw;
  if (determinant <= 1e-12 * dd * ww) return [-gd / dd, -gw / ww];
  return [(-ww * gd + dw * gw) / determinant, (dw * gd - dd * gw) / determinant];
}

function moved([d, w]: Pair, [dd, dw]: Pair, rate: number): Pair {
  return [Math.max(0, d + rate * dd), Math.max(0, w + rate * dw)];
}

/** Summed loss with the prior's (n/2) |w - start|^2, its gradient and curvature. */
function objective(
  kind: ChoiceSpec['kind'],
  rows: readonly Labelled[],
  [d, w]: Pair,
  priorRows: number,
): Objective {
  let loss = (priorRows / 2) * ((d - START) ** 2 + (w - START) ** 2);
  let gd = priorRows * (d - START);
  let gw = priorRows * (w - START);
  let dd = priorRows;
  let dw = 0;
  let ww = priorRows;
  for (const { deep, wide, targets } of rows) {
    const logits = Float64Array.from(deep, (x, c) => d * x + w * wide[c]!);
    const chances = kind === 'multi' ? logits.map((z) => 1 / (1 + Math.exp(-z))) : softmax(logits);
    const wanted = new Float64Array(deep.length);
    for (const target of targets) wanted[target] = 1;
    let meanDeep = 0;
    let meanWide = 0;
    for (let c = 0; c < deep.length; c++) {
      const chance = chances[c]!;
      const [x, y] = [deep[c]!, wide[c]!];
      gd += (chance - wanted[c]!) * x;
      gw += (chance - wanted[c]!) * y;
      const spread = kind === 'multi' ? chance * (1 - chance) : chance;
      dd += spread * x * x;
      dw += spread * x * y;
      ww += spread * y * y;
      meanDeep += chance * x;
      meanWide += chance * y;
      if (kind === 'multi') loss += Math.max(logits[c]!, 0) + Math.log1p(Math.exp(-Math.abs(logits[c]!)));
    }
    if (kind === 'multi') for (const target of targets) loss -= logits[target]!;
    else {
      loss -= Math.log(Math.max(chances[targets[0]!]!, Number.MIN_VALUE));
      dd -= meanDeep * meanDeep;
      dw -= meanDeep * meanWide;
      ww -= meanWide * meanWide;
    }
  }
  return { loss, gradient: [gd, gw], curvature: [dd, dw, ww] };
}

function softmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  const weights = logits.map((z) => Math.exp(z - largest));
  const total = weights.reduce((x, y) => x + y, 0);
  return weights.map((weight) => weight / total);
}

function biasOf(
  { kind }: ChoiceSpec,
  { start, size }: Columns,
  rows: readonly Labelled[],
  [d, w]: Pair,
  logPriors: Float32Array | undefined,
): readonly number[] {
  if (kind === 'multi' || logPriors === undefined) return new Array<number>(size).fill(0);
  const logits = rows.map(({ deep, wide }) => Float64Array.from(deep, (x, c) => d * x + w * wide[c]!));
  return classBias(
    logits,
    rows.map(({ targets }) => targets[0]!),
    logPriors.subarray(start, start + size),
  );
}
