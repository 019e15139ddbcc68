/** Writes the free-text attributes of products: prompts, batches of like length, answers in the products' own order. */
import type { Answer } from '../attribute/decode.ts';
import type { ProductText } from '../attribute/example.ts';
import { cutByTokens } from '../attribute/runner.ts';
import type { LanguageModel } from './causal-session.ts';
import { decodeTexts, meanProbability } from './decoding.ts';
import type { PromptWriter } from './prompt.ts';
import type { GeneratedSpec } from './spec.ts';

export type TextWriterParts = {
  readonly prompts: PromptWriter;
  readonly model: LanguageModel;
  /** Tokens of texts that are under way at once, prompts and padding included. */
  readonly maxTokensPerBatch: number;
};

export type WriteOptions = {
  /** Whether an attribute is to be written for a product (its index); all are when left out. */
  wanted?(index: number, attribute: string): boolean;
  /** In place of what the attributes say. */
  readonly beams?: number;
};

type Item = { readonly index: number; readonly prompt: Int32Array };

export class TextWriter {
  readonly #parts: TextWriterParts;

  constructor(parts: TextWriterParts) {
    this.#parts = parts;
  }

  /** Attributes whose values, where they are known, prompts have. */
  get given(): readonly string[] {
    return [...new Set(this.#parts.prompts.spec.attributes.flatMap(({ given }) => given))];
  }

  /**
   * Answers of each product by attribute. `probability` is the geometric mean of the probabilities of a text's tokens: how sure the
   * decoder is of a token, not how likely the whole text is.
   */
  async write(
    products: readonly ProductText[],
    { wanted = () => true, beams }: WriteOptions = {},
  ): Promise<readonly Readonly<Record<string, Answer>>[]> {
    const answers = products.map((): Record<string, Answer> => ({}));
    for (const attribute of this.#parts.prompts.spec.attributes) {
      const items = products.flatMap((product, index): Item[] =>
        wanted(index, attribute.attribute)
          ? [{ index, prompt: this.#parts.prompts.prompt(attribute, product) }]
          : [],
      );
      await this.#writeOne(beams === undefined ? attribute : { ...attribute, beams }, items, answers);
    }
    return answers;
  }

  async #writeOne(
    attribute: GeneratedSpec,
    unordered: readonly Item[],
    answers: readonly Record<string, Answer>[],
  ): Promise<void> {
    const { prompts, model, maxTokensPerBatch } = this.#parts;
    const items = unordered.toSorted((a, b) => a.prompt.length - b.prompt.length || a.index - b.index);
    const length = ({ prompt }: Item) => attribute.beams * (prompt.length + attribute.maxTokens);
    for (const batch of cutByTokens(items, { length }, maxTokensPerBatch)) {
      const texts = await decodeTexts(
        model,
        batch.map(({ prompt }) => prompt),
        {
          beams: attribute.beams,
          maxNewTokens: attribute.maxTokens,
          end: prompts.end,
          lengthPenalty: attribute.lengthPenalty,
          earlyStopping: false,
          noRepeatNgrams: attribute.noRepeat,
          noRepeatOfPrompt: false,
        },
      );
      for (const [i, text] of texts.entries()) {
        answers[batch[i]!.index]![attribute.attribute] = {
          values: prompts.read(attribute, text.tokens),
          probability: meanProbability(text),
          places: [],
          alternatives: [],
        };
      }
    }
  }
}
