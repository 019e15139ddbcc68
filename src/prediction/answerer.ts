/** Answers of all kinds: what the attribute model says of a product, and the texts that the decoder writes for it. */
import type { Answer, DecodeOptions } from '../models/attribute/decode.ts';
import type { ProductText } from '../models/attribute/example.ts';
import type { AttributeRunner, OnRead } from '../models/attribute/runner.ts';
import type { TextWriter } from '../models/generation/text-writer.ts';

export type Answerer = {
  /** Attributes whose values, where they are known, it reads. */
  readonly given: readonly string[];
  /**
   * Answers of each product by attribute, in the order of the products.
   * @param onRead - as of `AttributeRunner.answer`
   * @param wanted - whether an attribute that is written is wanted of a product; of all when left out
   */
  answer(
    products: readonly ProductText[],
    options: DecodeOptions,
    onRead?: OnRead,
    wanted?: (index: number, attribute: string) => boolean,
  ): Promise<readonly Readonly<Record<string, Answer>>[]>;
};

/** @param writer - undefined where no attribute is written */
export function answererOf(runner: AttributeRunner, writer: TextWriter | undefined): Answerer {
  if (writer === undefined)
    return {
      given: [],
      answer: (products, options, onRead) => runner.answer(products, options, onRead),
    };
  return {
    given: writer.given,
    answer: async (products, options, onRead, wanted) => {
      const told = await runner.answer(products, options, onRead);
      const written = await writer.write(products, wanted ? { wanted } : {});
      return told.map((answers, i) => ({ ...answers, ...written[i] }));
    },
  };
}
