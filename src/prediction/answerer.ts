/** Answers of all kinds: what the attribute model says of a product, and the texts that the decoder writes for it. */
import type { Answer, DecodeOptions } from '../models/attribute/decode.ts';
import type { MediaProblem, ProductText } from '../models/attribute/example.ts';
import type { AttributeRunner } from '../models/attribute/runner.ts';
import type { TextWriter } from '../models/generation/text-writer.ts';

export type Answerer = {
  /** Attributes whose values, where they are known, it reads. */
  readonly given: readonly string[];
  /**
   * Answers of each product by attribute, in the order of the products.
   * @param onMediaProblems - told of the pictures of a product (its index) that could not be read
   * @param wanted - whether an attribute that is written is wanted of a product; of all when left out
   */
  answer(
    products: readonly ProductText[],
    options: DecodeOptions,
    onMediaProblems?: (index: number, problems: readonly MediaProblem[]) => void,
    wanted?: (index: number, attribute: string) => boolean,
  ): Promise<readonly Readonly<Record<string, Answer>>[]>;
};

/** @param writer - undefined where no attribute is written */
export function answererOf(runner: AttributeRunner, writer: TextWriter | undefined): Answerer {
  if (writer === undefined)
    return {
      given: [],
      answer: (products, options, onProblems) => runner.answer(products, options, onProblems),
    };
  return {
    given: writer.given,
    answer: async (products, options, onProblems, wanted) => {
      const told = await runner.answer(products, options, onProblems);
      const written = await writer.write(products, wanted ? { wanted } : {});
      return told.map((answers, i) => ({ ...answers, ...written[i] }));
    },
  };
}
