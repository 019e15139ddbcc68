/**
 * Trains the wide part by passes over a stream: logistic regression with an L2 penalty, one problem an attribute,
 * AdaGrad steps (Duchi, Hazan, Singer 2011) with one accumulator a feature and attribute, the rate falling linearly to 0.
 * Memory holds weights, never rows. The same stream gives the same model.
 */
import type { KnownLabel } from '../attribute/labels.ts';
import { type ChoiceSpec, type Columns, choiceColumns } from '../attribute/spec.ts';
import { FeatureCounter, type FeatureSpace, type SparseVector, Vectorizer } from './features.ts';
import type { WideText } from './ngrams.ts';
import { lossAndGradient, targetClasses } from './row-loss.ts';
import { columnCount, WideModel } from './wide-model.ts';

export type WideExample = WideText & { readonly labels: Readonly<Record<string, KnownLabel>> };

export type WideOptions = {
  readonly passes: number;
  /** First step of AdaGrad. */
  readonly learningRate: number;
  /** Inverse of the L2 penalty, as scikit-learn's `C`: more fits the training rows more closely. */
  readonly strength: number;
  /** Products that must have an n-gram for it to be a feature. */
  readonly minProducts: number;
  /** Most weights held; features are dropped, the rarest first, until they fit. 4 bytes each. */
  readonly maxWeights: number;
  /**
   * Each row of a class weighs (rows / (classes x rows of the class))^classBalance: 0 leaves classes as they are, 1 makes
   * them count alike. Of `choice` attributes.
   */
  readonly classBalance: number;
};

export const WIDE_DEFAULTS: WideOptions = {
  passes: 10,
  learningRate: 0.5,
  strength: 10,
  minProducts: 2,
  maxWeights: 16_000_000,
  classBalance: 0,
};

/** Asked for before each pass: the counting pass is 0, training passes follow. Shuffle by it; sorted rows learn badly. */
export type WideStream = (pass: number) => AsyncIterable<readonly WideExample[]>;

export type WidePass = { readonly pass: number; readonly meanLoss: number };

/** @param onPass - told the mean loss of the labelled pairs after each training pass */
export async function trainWide(
  products: WideStream,
  { choices }: { readonly choices: readonly ChoiceSpec[] },
  options: Partial<WideOptions> = {},
  onPass: (pass: WidePass) => void = () => {},
): Promise<WideModel> {
  const settings = { ...WIDE_DEFAULTS, ...options };
  const problems = problemsOf(choices);
  const counter = new FeatureCounter();
  let rows = 0;
  for await (const batch of products(0)) {
    for (const product of batch) {
      const labelled = problems.filter((problem) => countLabel(problem, product.labels)).length;
      if (labelled === 0) continue;
      counter.add(product);
      rows++;
    }
  }
  const width = columnCount(choices);
  const limit = Math.floor(settings.maxWeights / Math.max(1, width));
  const space = counter.space({ minProducts: settings.minProducts, limit });
  const learner = new Learner(problems, space, width, settings);
  const vectorizer = new Vectorizer(space);
  for (let pass = 1; pass <= settings.passes; pass++) {
    let row = 0;
    let loss = 0;
    let pairs = 0;
    for await (const batch of products(pass)) {
      for (const product of batch) {
        const rate = 1 - (pass - 1 + Math.min(1, row / rows)) / settings.passes;
        let vector: SparseVector | undefined;
        for (const [p, problem] of problems.entries()) {
          const targets = targetClasses(
            problem.choice,
            problem.places,
            product.labels[problem.choice.attribute],
          );
          if (targets === undefined) continue;
          vector ??= vectorizer.vector(product);
          loss += learner.step(p, vector, targets, rate);
          pairs++;
        }
        if (vector) row++;
      }
    }
    onPass({ pass, meanLoss: pairs > 0 ? loss / pairs : 0 });
  }
  return new WideModel(choices, { space, ...learner.finish() });
}

/** One attribute's regression. `classCounts` are rows by class, `count` rows in all. */
type Problem = {
  readonly choice: ChoiceSpec;
  readonly places: ReadonlyMap<string, number>;
  readonly columns: Columns;
  readonly classCounts: Float64Array;
  count: number;
};

function problemsOf(choices: readonly ChoiceSpec[]): readonly Problem[] {
  const columns = choiceColumns(choices);
  return choices.map((choice, i) => ({
    choice,
    places: new Map(choice.values.map((value, v) => [value, v])),
    columns: columns[i]!,
    classCounts: new Float64Array(columns[i]!.size),
    count: 0,
  }));
}

function countLabel(problem: Problem, labels: WideExample['labels']): boolean {
  const targets = targetClasses(problem.choice, problem.places, labels[problem.choice.attribute]);
  if (targets === undefined) return false;
  for (const target of targets) problem.classCounts[target]!++;
  problem.count++;
  return true;
}

/** Gradients below this are rounding: the weights they would move are left alone. */
const NEGLIGIBLE = 1e-4;
const SMALLEST_SCALE = 1e-6;

/**
 * Weights under way. Row f of attribute p is stored as scale[f, p] x stored[f, ...], so that the penalty of a step costs one
 * multiplication; it is taken by the rows that have the feature, in equal parts.
 */
class Learner {
  readonly #problems: readonly Problem[];
  readonly #space: FeatureSpace;
  readonly #width: number;
  readonly #settings: WideOptions;
  readonly #stored: Float32Array;
  readonly #bias: Float32Array;
  /** Scale and sum of squared gradients, in turn, by feature and attribute. */
  readonly #rowState: Float32Array;
  readonly #biasSquares: Float32Array;
  readonly #scores: readonly Float64Array[];
  readonly #active: Int32Array;

  constructor(problems: readonly Problem[], space: FeatureSpace, width: number, settings: WideOptions) {
    this.#problems = problems;
    this.#space = space;
    this.#width = width;
    this.#settings = settings;
    this.#stored = new Float32Array(space.buckets.length * width);
    this.#rowState = Float32Array.from({ length: 2 * space.buckets.length * problems.length }, (_, i) =>
      i % 2 === 0 ? 1 : 0,
    );
    this.#bias = new Float32Array(width);
    this.#biasSquares = new Float32Array(problems.length);
    this.#scores = problems.map(({ columns }) => new Float64Array(columns.size));
    this.#active = new Int32Array(Math.max(0, ...problems.map(({ columns }) => columns.size)));
    for (const problem of problems) this.#bias.set(priors(problem), problem.columns.start);
  }

  /** @param rate - share of the learning rate that is left, 1 to 0 @returns the loss before the step, unweighted */
  step(
    p: number,
    { columns, values, length }: SparseVector,
    targets: readonly number[],
    rate: number,
  ): number {
    const { choice, columns: own } = this.#problems[p]!;
    const attributes = this.#problems.length;
    const stored = this.#stored;
    const state = this.#rowState;
    const width = this.#width;
    const { start, size } = own;
    const scores = this.#scores[p]!;
    for (let c = 0; c < size; c++) scores[c] = this.#bias[start + c]!;
    for (let i = 0; i < length; i++) {
      const feature = columns[i]!;
      const value = values[i]! * state[2 * (feature * attributes + p)]!;
      const row = feature * width + start;
      for (let c = 0; c < size; c++) scores[c]! += value * stored[row + c]!;
    }
    const weight = this.#weightOf(p, targets);
    const loss = lossAndGradient(choice.kind, scores, targets, weight);
    const activeColumns = this.#active;
    let squares = 0;
    let active = 0;
    for (let c = 0; c < size; c++) {
      const gradient = scores[c]!;
      squares += gradient * gradient;
      if (Math.abs(gradient) > NEGLIGIBLE) activeColumns[active++] = c;
    }
    const step = this.#settings.learningRate * rate;
    const { strength } = this.#settings;
    const { counts } = this.#space;
    this.#biasSquares[p]! += squares;
    const biasStep = step / Math.sqrt(1 + this.#biasSquares[p]!);
    for (let k = 0; k < active; k++) {
      const c = activeColumns[k]!;
      this.#bias[start + c]! -= biasStep * scores[c]!;
    }
    for (let i = 0; i < length; i++) {
      const feature = columns[i]!;
      const at = 2 * (feature * attributes + p);
      const value = values[i]!;
      const seen = state[at + 1]! + value * value * squares;
      state[at + 1] = seen;
      const featureStep = step / Math.sqrt(INITIAL_SQUARES + seen);
      let scale = state[at]! / (1 + featureStep / (strength * counts[feature]!));
      const row = feature * width + start;
      if (scale < SMALLEST_SCALE) {
        for (let c = 0; c < size; c++) stored[row + c]! *= scale;
        scale = 1;
      }
      state[at] = scale;
      const move = (featureStep * value) / scale;
      for (let k = 0; k < active; k++) {
        const c = activeColumns[k]!;
        stored[row + c]! -= move * scores[c]!;
      }
    }
    return loss / weight;
  }

  finish(): { readonly weights: Float32Array; readonly bias: Float32Array } {
    const attributes = this.#problems.length;
    for (let feature = 0; feature < this.#space.buckets.length; feature++) {
      for (const [p, { columns }] of this.#problems.entries()) {
        const row = feature * this.#width + columns.start;
        const scale = this.#rowState[2 * (feature * attributes + p)]!;
        for (let c = 0; c < columns.size; c++) this.#stored[row + c]! *= scale;
      }
    }
    return { weights: this.#stored, bias: this.#bias };
  }

  #weightOf(p: number, targets: readonly number[]): number {
    const { choice, count, classCounts } = this.#problems[p]!;
    const { classBalance } = this.#settings;
    if (classBalance === 0 || choice.kind === 'multi') return 1;
    const seen = classCounts.reduce((classes, n) => classes + (n > 0 ? 1 : 0), 0);
    return (count / (seen * classCounts[targets[0]!]!)) ** classBalance;
  }
}

const INITIAL_SQUARES = 1e-2;

/** Scores of a product without features: the logarithm of each class's share, a class without rows counting half a one. */
function priors({ choice, classCounts, count }: Problem): Float32Array {
  if (choice.kind === 'multi')
    return Float32Array.from(classCounts, (n) => Math.log((n + 0.5) / (count - n + 0.5)));
  return Float32Array.from(classCounts, (n) => Math.log((n + 0.5) / (count + 0.5 * classCounts.length)));
}
