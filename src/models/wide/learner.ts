/** The weights under way: one AdaGrad step of one attribute on one product at a time. */
import type { FeatureSpace, SparseVector } from './features.ts';
import { addMentions, type Mentions } from './mentions.ts';
import { logOdds, logPriors, type Problem } from './problem.ts';
import { lossAndGradient } from './row-loss.ts';
import type { WideParameters } from './wide-model.ts';
import type { WideOptions } from './wide-options.ts';

/** Gradients below this are rounding: the weights they would move are left alone. */
const NEGLIGIBLE = 1e-4;
const SMALLEST_SCALE = 1e-6;

/**
 * Weights under way. Row f of attribute p is stored as scale[f, p] x stored[f, ...], so that the penalty of a step costs one
 * multiplication; it is taken by the rows that have the feature, in equal parts.
 */
export class Learner {
  readonly #problems: readonly Problem[];
  readonly #space: FeatureSpace;
  readonly #width: number;
  readonly #settings: WideOptions;
  readonly #stored: Float32Array;
  readonly #bias: Float32Array;
  /** Scale and sum of squared gradients, in turn, by feature and attribute. */
  readonly #rowState: Float32Array;
  readonly #biasSquares: Float64Array;
  readonly #logPriors: Float32Array;
  /** What a mention is worth and its sum of squared gradients, by attribute and slot. */
  readonly #mentions: Float32Array;
  readonly #mentionSquares: Float64Array;
  readonly #slots: number;
  readonly #scores: readonly Float64Array[];
  readonly #active: Int32Array;

  /** @param slots - kinds of mention, see mentions.ts */
  constructor(
    problems: readonly Problem[],
    space: FeatureSpace,
    sizes: { readonly width: number; readonly slots: number },
    settings: WideOptions,
  ) {
    const { width, slots } = sizes;
    this.#problems = problems;
    this.#space = space;
    this.#width = width;
    this.#settings = settings;
    this.#slots = slots;
    this.#mentions = new Float32Array(problems.length * slots).fill(MENTION_START);
    this.#mentionSquares = new Float64Array(problems.length * slots);
    this.#stored = new Float32Array(space.buckets.length * width);
    this.#rowState = Float32Array.from({ length: 2 * space.buckets.length * problems.length }, (_, i) =>
      i % 2 === 0 ? 1 : 0,
    );
    this.#bias = new Float32Array(width);
    this.#biasSquares = new Float64Array(problems.length);
    this.#scores = problems.map(({ columns }) => new Float64Array(columns.size));
    this.#active = new Int32Array(Math.max(0, ...problems.map(({ columns }) => columns.size)));
    this.#logPriors = new Float32Array(width);
    for (const problem of problems) {
      const { start } = problem.columns;
      this.#logPriors.set(logPriors(problem), start);
      this.#bias.set(problem.choice.kind === 'multi' ? logOdds(problem) : logPriors(problem), start);
    }
  }

  /** @param rate - share of the learning rate that is left, 1 to 0 @returns the loss before the step, unweighted */
  step(
    p: number,
    { columns, values, length }: SparseVector,
    mentions: Mentions,
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
    addMentions(scores, mentions, this.#mentions.subarray(p * this.#slots, (p + 1) * this.#slots));
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
    this.#learnMentions(p, mentions, scores, step);
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

  finish(): Omit<WideParameters, 'space'> {
    const attributes = this.#problems.length;
    for (let feature = 0; feature < this.#space.buckets.length; feature++) {
      for (const [p, { columns }] of this.#problems.entries()) {
        const row = feature * this.#width + columns.start;
        const scale = this.#rowState[2 * (feature * attributes + p)]!;
        for (let c = 0; c < columns.size; c++) this.#stored[row + c]! *= scale;
      }
    }
    return {
      weights: this.#stored,
      bias: this.#bias,
      logPriors: this.#logPriors,
      mentions: this.#mentions,
    };
  }

  #learnMentions(p: number, { columns, slots }: Mentions, gradient: Float64Array, step: number): void {
    const sums = new Map<number, number>();
    for (const [i, slot] of slots.entries()) sums.set(slot, (sums.get(slot) ?? 0) + gradient[columns[i]!]!);
    for (const [slot, sum] of sums) {
      const at = p * this.#slots + slot;
      this.#mentionSquares[at]! += sum * sum;
      this.#mentions[at]! -= (step * sum) / Math.sqrt(1 + this.#mentionSquares[at]!);
    }
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
/** What a mention is worth before anything is learned; training lowers it where texts name what they do not mean. */
const MENTION_START = 2;
