/**
 * Logit adjustment (Menon et al. 2021, https://arxiv.org/abs/2007.07314): -tau ln(share of the class) is added to each
 * class's logit, which lifts rare classes. One number an attribute is chosen, so that few rows suffice.
 */

const LARGEST = 1;
const STEP = 0.05;
const FOLDS = 5;
/** Least gain of macro F1 over folds that did not choose it. */
const WORTHWHILE = 0.002;

/**
 * The bias of each class; all 0 unless, cross-validated, macro F1 gains and accuracy does not lose.
 * @param logits - one row each, over the K classes
 * @param truth - class of each row
 * @param logPriors - `[K]`, ln of each class's share of the training rows
 */
export function classBias(
  logits: readonly Float64Array[],
  truth: readonly number[],
  logPriors: Float32Array,
): readonly number[] {
  const none = new Array<number>(logPriors.length).fill(0);
  if (logits.length < 2 * FOLDS) return none;
  const strengths = Array.from({ length: Math.round(LARGEST / STEP) + 1 }, (_, k) => k * STEP);
  // predicted[k][row]: the answers under each strength; the first is no bias at all.
  const predicted = strengths.map((tau) => logits.map((row) => answer(row, logPriors, tau)));
  const all = truth.map((_, row) => row);
  const crossed = new Int32Array(truth.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const chosen = best(
      predicted,
      truth,
      all.filter((row) => row % FOLDS !== fold),
    );
    for (const row of all) if (row % FOLDS === fold) crossed[row] = predicted[chosen]![row]!;
  }
  const plain = score(predicted[0]!, truth, all);
  const held = score(crossed, truth, all);
  if (held.accuracy < plain.accuracy || held.macroF1 < plain.macroF1 + WORTHWHILE) return none;
  const tau = strengths[best(predicted, truth, all)]!;
  const mean = logPriors.reduce((a, b) => a + b, 0) / logPriors.length;
  return Array.from(logPriors, (logPrior) => tau * (mean - logPrior));
}

function answer(logits: Float64Array, logPriors: Float32Array, tau: number): number {
  let best = 0;
  for (let c = 1; c < logits.length; c++)
    if (logits[c]! - tau * logPriors[c]! > logits[best]! - tau * logPriors[best]!) best = c;
  return best;
}

/** The strength with the best macro F1 among those that lose no accuracy; of equals the weakest. */
function best(
  predicted: readonly ArrayLike<number>[],
  truth: readonly number[],
  rows: readonly number[],
): number {
  const plain = score(predicted[0]!, truth, rows);
  let chosen = 0;
  let highest = plain.macroF1;
  for (let k = 1; k < predicted.length; k++) {
    const { accuracy, macroF1 } = score(predicted[k]!, truth, rows);
    if (accuracy < plain.accuracy || macroF1 <= highest) continue;
    chosen = k;
    highest = macroF1;
  }
  return chosen;
}

/** Accuracy, and macro F1 over the classes that occur in truth or answers. */
function score(
  predicted: ArrayLike<number>,
  truth: readonly number[],
  rows: readonly number[],
): { readonly accuracy: number; readonly macroF1: number } {
  const hits = new Map<number, number>();
  const named = new Map<number, number>();
  let right = 0;
  for (const row of rows) {
    const [t, p] = [truth[row]!, predicted[row]!];
    named.set(t, (named.get(t) ?? 0) + 1);
    named.set(p, (named.get(p) ?? 0) + 1);
    if (t !== p) continue;
    right++;
    hits.set(t, (hits.get(t) ?? 0) + 1);
  }
  let total = 0;
  for (const [label, count] of named) total += (2 * (hits.get(label) ?? 0)) / count;
  return { accuracy: right / rows.length, macroF1: total / named.size };
}
