/** What a pretraining will do, and what has come of it. */
import type { MaskedScores } from '../training/judge-masked.ts';
import type { PretrainSteps } from '../training/recipes/pretrain-text.ts';
import type { EpochRecord } from '../training/run-folder.ts';

/** Known before anything is trained. */
export type PretrainPlan = {
  readonly start: string;
  readonly parameters: number;
  /** Training products with a text, and their tokens. */
  readonly products: number;
  readonly tokens: number;
  /** Tokens of a row. */
  readonly maxTokens: number;
  readonly steps: PretrainSteps;
  /** Bytes that the run takes at most, by estimate. */
  readonly memory: number;
  readonly warnings: readonly string[];
};

export type PretrainResult = {
  /** False when the run was asked to stop; pretrain again with `resume`. */
  readonly finished: boolean;
  readonly out: string;
  /** The step whose weights were kept. */
  readonly bestStep: number;
  /** Of each judgement, the step in place of the epoch. */
  readonly history: readonly EpochRecord[];
  /** On the test products; undefined where they have no words. */
  readonly test: MaskedScores | undefined;
  /** The same of the encoder as it started. */
  readonly before: MaskedScores | undefined;
  readonly rejects: string | undefined;
};
