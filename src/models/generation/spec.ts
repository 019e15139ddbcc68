/** What a decoder of free text is, as plain data: stored in a bundle, read back, and enough to build it again. */
import type { FieldSpec } from '../attribute/spec.ts';

/** One attribute that is written. */
export type GeneratedSpec = {
  readonly attribute: string;
  /** What it means, where the config says so; stands beside its name. */
  readonly description: string | undefined;
  /** Text inputs that its prompt has: never the one that holds the answer. */
  readonly reads: readonly string[];
  /** Other attributes whose values, where they are known, its prompt has. */
  readonly given: readonly string[];
  /** Longest text, in tokens. */
  readonly maxTokens: number;
  /** Texts kept side by side; 1 takes the likeliest token each time. */
  readonly beams: number;
  readonly lengthPenalty: number;
  /** No run of so many tokens comes twice in a text; 0 allows all. */
  readonly noRepeat: number;
  /** Whether the text is a list, one item a line. */
  readonly list: boolean;
};

/** One decoder for all of them. */
export type GeneratorSpec = {
  /** The decoder's config.json. */
  readonly decoder: Readonly<Record<string, unknown>>;
  /** Text inputs in the order of the products' texts. */
  readonly fields: readonly FieldSpec[];
  /** Number, category and date inputs in the order of the products' cells. */
  readonly table: readonly string[];
  /** Whether the category stands in the prompt. */
  readonly category: boolean;
  readonly maxPromptTokens: number;
  readonly attributes: readonly GeneratedSpec[];
};
