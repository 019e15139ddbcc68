import { hash32 } from '../../base/random.ts';
import { requireFinite, requireRange, requireSameLength } from '../columns.ts';
import { binomialCdf, clopperPearsonLower } from '../intervals/binomial.ts';
import { percent, roundPercent } from '../percent.ts';
import { STARTS, type ThresholdGrid, thresholdGrid } from './threshold-grid.ts';

/** One attribute whose answers are to be accepted without a person where that is safe. */
export type AutoAcceptRequest = {
  readonly attribute: string;
  /** Calibrated confidences of examples used for nothing else. */
  readonly confidences: ArrayLike<number>;
  readonly correct: ArrayLike<boolean>;
  /** Rows of one group are not independent: one of each, drawn by the seed, is tested. */
  readonly groups?: ArrayLike<string | undefined>;
  /** Confidences of other examples (the calibration part), by which the grid is placed; may be empty. */
  readonly otherConfidences: ArrayLike<number>;
  /** In (0, 1), e.g. 0.95. */
  readonly precisionTarget: number;
};

export type AutoAccept = {
  readonly attribute: string;
  readonly precisionTarget: number;
  /** Accept answers with at least this confidence; undefined means all go to review. */
  readonly threshold: number | undefined;
  /** Share of the examples at or above the threshold; 0 for review. */
  readonly coverage: number;
  /** Independent examples tested, and how many of them were accepted and right at the threshold. */
  readonly examples: number;
  readonly accepted: number;
  readonly right: number;
  /** right / accepted; undefined for review. */
  readonly precision: number | undefined;
  /** Clopper-Pearson lower bound at the level of the test that passed: at least the target. Undefined for review. */
  readonly precisionLowerBound: number | undefined;
  /** Independent examples that would probably suffice; undefined when accepted, or when no confidence reached the target. */
  readonly neededExamples: number | undefined;
  /** What happened, in a sentence. */
  readonly explanation: string;
};

export type AutoAcceptReport = {
  readonly attributes: readonly AutoAccept[];
  /** Probability that any attribute's true precision is below its target, at most. */
  readonly delta: number;
  /** Attributes that the budget was divided by: those with enough examples to pass at all. */
  readonly testedAttributes: number;
  /** How, in a sentence. */
  readonly method: string;
};

/**
 * A threshold for each attribute such that, with probability at least 1 − delta over the draw of the examples, the true
 * precision of the accepted answers reaches the target for every attribute at once.
 *
 * Learn then Test (Angelopoulos et al. 2021, arXiv 2110.01052): "precision above threshold λ is at most the target" is
 * tested for a grid of λ from strict to loose that does not depend on the tested examples, by the exact binomial
 * p-value P(Binomial(accepted, 1 − target) ≤ wrong). Within an attribute the fallback procedure (Wiens 2003) controls
 * the family-wise error: a start has its own share of the budget and a passed test hands its budget to the next. Over
 * attributes the budget is divided evenly (Bonferroni) among those with enough examples to pass at all, which
 * depends on their number only. The loosest threshold that passed is taken.
 *
 * Examples must be drawn as the products to come are: a shifted catalog voids the promise. With groups, "a product"
 * means one of a group drawn at random.
 * @param options - `delta` in (0, 1), 0.05 when not given; `seed` draws one row of each group
 * @throws evaluation/length-mismatch, evaluation/not-finite, evaluation/out-of-range
 */
export function autoAcceptThresholds(
  requests: readonly AutoAcceptRequest[],
  options: { readonly seed: number; readonly delta?: number },
): AutoAcceptReport {
  const delta = options.delta ?? 0.05;
  requireRange('autoAcceptThresholds', 'delta', delta, 0, 1, true);
  for (const request of requests) check(request);
  const rows = requests.map((request) => independentRows(request, options.seed));
  const tested = attributesThatCanPass(
    requests.map((request, i) => ({ examples: rows[i]!.length, target: request.precisionTarget })),
    delta,
  );
  const attributes = requests.map((request, i) =>
    tested.has(i)
      ? testAttribute(request, rows[i]!, delta / tested.size)
      : tooFew(request, rows[i]!.length, delta / (tested.size + 1)),
  );
  const method =
    `Learn then Test: exact binomial tests of up to 60 thresholds an attribute (fallback procedure), at level ` +
    `${delta}/${Math.max(1, tested.size)} (Bonferroni over the ${tested.size} attributes with enough examples). With probability at ` +
    `least ${roundPercent(1 - delta)}, every threshold's true precision on products like these reaches its target.`;
  return { attributes, delta, testedAttributes: tested.size, method };
}

/** Accepted examples without a mistake that a test at `level` needs: the least n with targetⁿ ≤ level. */
export function fewestExamples(target: number, level: number): number {
  return Math.ceil(Math.log(level) / Math.log(target) - 1e-9);
}

function check(request: AutoAcceptRequest): void {
  requireSameLength(
    `autoAcceptThresholds (${request.attribute})`,
    { name: 'outcome', length: request.correct.length },
    { name: 'confidence', length: request.confidences.length },
  );
  requireFinite(`autoAcceptThresholds (${request.attribute})`, 'the confidences', request.confidences);
  requireRange('autoAcceptThresholds', 'precision target', request.precisionTarget, 0, 1, true);
}

/** One row of each group, the one that hashes lowest. */
function independentRows({ groups, correct }: AutoAcceptRequest, seed: number): number[] {
  const chosen = new Map<string, number>();
  const rows: number[] = [];
  for (let row = 0; row < correct.length; row++) {
    const group = groups?.[row];
    if (group === undefined) {
      rows.push(row);
      continue;
    }
    const before = chosen.get(group);
    if (before === undefined || hash32(seed, row) < hash32(seed, before)) chosen.set(group, row);
  }
  return [...rows, ...chosen.values()];
}

/**
 * The largest set of attributes each of which could pass at level delta / (size of the set), were every answer right.
 * Looks at numbers of examples only, never at answers.
 */
function attributesThatCanPass(
  attributes: readonly { readonly examples: number; readonly target: number }[],
  delta: number,
): Set<number> {
  for (let size = attributes.length; size > 0; size--) {
    const able = attributes
      .map(({ examples, target }, i) => ({ i, spare: examples - fewestExamples(target, delta / size) }))
      .filter(({ spare }) => spare >= 0)
      .sort((a, b) => b.spare - a.spare || a.i - b.i);
    if (able.length >= size) return new Set(able.slice(0, size).map(({ i }) => i));
  }
  return new Set();
}

type Step = {
  threshold: number;
  accepted: number;
  right: number;
  pValue: number;
  budget: number;
  passed: boolean;
};

/** The fallback procedure along the grid. */
function walk(
  grid: ThresholdGrid,
  request: AutoAcceptRequest,
  rows: readonly number[],
  level: number,
): Step[] {
  const { confidences, correct, precisionTarget } = request;
  const order = [...rows].sort((a, b) => confidences[b]! - confidences[a]!);
  const steps: Step[] = [];
  let accepted = 0;
  let right = 0;
  let handedOn = 0;
  for (const [i, threshold] of grid.thresholds.entries()) {
    while (accepted < order.length && confidences[order[accepted]!]! >= threshold) {
      if (correct[order[accepted]!]) right++;
      accepted++;
    }
    const budget = handedOn + grid.weights[i]! * level;
    const pValue = accepted > 0 ? binomialCdf(accepted - right, accepted, 1 - precisionTarget) : 1;
    const passed = budget > 0 && pValue <= budget;
    steps.push({ threshold, accepted, right, pValue, budget, passed });
    handedOn = passed ? budget : 0;
  }
  return steps;
}

function testAttribute(request: AutoAcceptRequest, rows: readonly number[], level: number): AutoAccept {
  const { attribute, precisionTarget, confidences } = request;
  const fewest = fewestExamples(precisionTarget, level / STARTS);
  const grid = thresholdGrid(request.otherConfidences, rows.length, fewest);
  const steps = walk(grid, request, rows, level);
  const best = steps.findLast((step) => step.passed);
  if (best === undefined) return notReached(request, rows.length, steps, level);
  let covered = 0;
  for (let row = 0; row < confidences.length; row++) if (confidences[row]! >= best.threshold) covered++;
  const bound = clopperPearsonLower(best.right, best.accepted, best.budget);
  return {
    attribute,
    precisionTarget,
    threshold: best.threshold,
    coverage: covered / confidences.length,
    examples: rows.length,
    accepted: best.accepted,
    right: best.right,
    precision: best.right / best.accepted,
    precisionLowerBound: bound,
    neededExamples: undefined,
    explanation:
      `Accepts at confidence ${best.threshold.toFixed(4)}: ${best.right} of ${best.accepted} accepted answers were ` +
      `right, at least ${percent(bound)} in truth.`,
  };
}

function review(
  request: AutoAcceptRequest,
  examples: number,
  needed: number | undefined,
  explanation: string,
): AutoAccept {
  return {
    attribute: request.attribute,
    precisionTarget: request.precisionTarget,
    threshold: undefined,
    coverage: 0,
    examples,
    accepted: 0,
    right: 0,
    precision: undefined,
    precisionLowerBound: undefined,
    neededExamples: needed,
    explanation,
  };
}

function tooFew(request: AutoAcceptRequest, examples: number, level: number): AutoAccept {
  const needed = fewestExamples(request.precisionTarget, level);
  return review(
    request,
    examples,
    needed,
    `Review: ${examples} examples are too few to promise ${roundPercent(request.precisionTarget)} precision; ` +
      `it takes at least ${needed}, all right.`,
  );
}

/** The promise failed: says whether more examples like these would do, judged at the threshold that came closest. */
function notReached(
  request: AutoAcceptRequest,
  examples: number,
  steps: readonly Step[],
  level: number,
): AutoAccept {
  const target = request.precisionTarget;
  const best = steps.reduce((a, b) => (b.pValue < a.pValue ? b : a));
  const precision = best.accepted === 0 ? 0 : best.right / best.accepted;
  const accepted = acceptedNeeded(precision, target, level / STARTS);
  if (accepted === undefined) {
    return review(
      request,
      examples,
      undefined,
      `Review: no confidence reached ${roundPercent(target)} precision on ${examples} examples` +
        ` (best ${percent(precision)}); the model itself must get better.`,
    );
  }
  // Where the closest threshold had bad luck only, a fifth more is the least that is worth saying.
  const needed = Math.max(Math.ceil(1.2 * examples), Math.ceil((accepted * examples) / best.accepted));
  return review(
    request,
    examples,
    needed,
    `Review: ${best.right} of ${best.accepted} answers were right at confidence ${best.threshold.toFixed(4)}, too few ` +
      `to promise ${roundPercent(target)}; about ${needed} examples like these would do.`,
  );
}

/** Accepted examples with which a precision as observed passes at `level`; undefined unless it is above the target. */
function acceptedNeeded(precision: number, target: number, level: number): number | undefined {
  // Beyond ten million the answer is "not with labels".
  const passes = (n: number) => binomialCdf(Math.ceil(n * (1 - precision)), n, 1 - target) <= level;
  if (precision <= target) return undefined;
  let high = fewestExamples(target, level);
  while (!passes(high)) {
    high *= 2;
    if (high > 1e7) return undefined;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle;
  }
  return high;
}
