/** Runs an attribute model over products: examples, batches of like length, answers in the products' own order. */
import type { PackedInput } from '../../features/text/pack-input.ts';
import type { Value } from '../../graph/session.ts';
import type { BatchMaker } from './batch.ts';
import { type Answer, type DecodeOptions, decodeAnswers } from './decode.ts';
import {
  type Example,
  type ExampleEncoder,
  type Loaders,
  type MediaProblem,
  type ProductText,
  withLoaded,
} from './example.ts';
import { modalitiesOf, TEXT } from './fusion.ts';
import { mediaTokens } from './media-vectors.ts';
import type { AttributeModelSpec } from './spec.ts';

export type Forward = (inputs: Readonly<Record<string, Value>>) => Promise<Readonly<Record<string, Value>>>;

/** Scores of the values of a product from the encoder's logits `[V]`; the wide part adds its own here. */
export type ScoreChoices = (deep: Float32Array, product: ProductText) => Float32Array;

/** Standardised numbers of a product from the encoder's `[N]`; the wide part adds its own here. */
export type ScoreNumbers = (deep: Float32Array, product: ProductText) => Float32Array;

/** What has a say beside the encoder; its outputs stand as they are where one is left out. */
export type Scorers = {
  readonly scoreChoices?: ScoreChoices | undefined;
  readonly scoreNumbers?: ScoreNumbers | undefined;
};

export type RunnerParts = Loaders &
  Scorers & {
    readonly spec: AttributeModelSpec;
    readonly encoder: ExampleEncoder;
    readonly batches: BatchMaker;
    readonly forward: Forward;
    /** Padded tokens computed at once. */
    readonly maxTokensPerBatch: number;
    /** Only products of equal length are computed together: nothing is padded, and no answer depends on its neighbours. */
    readonly equalLengths?: boolean;
    /** The modalities that are seen; all of a product's when left out. */
    readonly only?: readonly string[] | undefined;
    /** What has been read of products; each pass reads anew when left out. */
    readonly kept?: WeakMap<ProductText, Kept> | undefined;
  };

/** A product as it was read: its tokens, and soon the rest. */
type Kept = { readonly packed: PackedInput; read?: Promise<ReadProduct> };

type ReadProduct = { readonly example: Example; readonly problems: readonly MediaProblem[] };

export class AttributeRunner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** The same model with values and numbers scored otherwise. */
  with({ scoreChoices, scoreNumbers }: Scorers): AttributeRunner {
    return new AttributeRunner({ ...this.#parts, scoreChoices, scoreNumbers });
  }

  /** The same model with all modalities hidden but some (`modalitiesOf`). */
  seeing(only: readonly string[]): AttributeRunner {
    return new AttributeRunner({ ...this.#parts, only });
  }

  /** The same model, which reads each product once however often it answers, and holds it as long as its record is held. */
  remembering(): AttributeRunner {
    return new AttributeRunner({ ...this.#parts, kept: new WeakMap() });
  }

  /**
   * Answers of each product by attribute, in the order of the products.
   * @param onRead - told of products (by index) with files that could not be read, or of which there was nothing to read at all
   */
  async answer(
    products: readonly ProductText[],
    options: DecodeOptions,
    onRead: OnRead = () => {},
  ): Promise<readonly Readonly<Record<string, Answer>>[]> {
    const { batches, forward, spec, maxTokensPerBatch, equalLengths } = this.#parts;
    const items = products.map((product, index): Item => ({ index, product, kept: this.#kept(product) }));
    items.sort((a, b) => lengthOf(a) - lengthOf(b) || a.index - b.index);
    const answers = new Array<Readonly<Record<string, Answer>>>(products.length);
    const extra = ({ product }: Item) => mediaTokens(spec, product.media);
    for (const batch of cutByTokens(items, { length: lengthOf, extra, equalLengths }, maxTokensPerBatch)) {
      const examples = await Promise.all(batch.map((item) => this.#example(item, onRead)));
      const outputs = this.#scored(
        await forward(batches.make(examples)),
        batch.map((item) => item.product),
      );
      const decoded = decodeAnswers(
        spec,
        outputs,
        this.#seesText() ? examples : examples.map((example) => ({ ...example, spans: undefined })),
        batch.map((item) => item.product.texts),
        options,
      );
      batch.forEach((item, i) => {
        answers[item.index] = decoded[i]!;
      });
    }
    return answers;
  }

  #kept(product: ProductText): Kept {
    const { kept, encoder } = this.#parts;
    const known = kept?.get(product);
    if (known) return known;
    const own: Kept = { packed: encoder.pack(product) };
    kept?.set(product, own);
    return own;
  }

  async #example({ index, product, kept }: Item, onRead: OnRead): Promise<Example> {
    kept.read ??= this.#read(product, kept.packed);
    const { example, problems } = await kept.read;
    const nothing = !example.present.includes(true);
    if (problems.length > 0 || nothing) onRead(index, problems, nothing);
    return this.#seen(example);
  }

  async #read(product: ProductText, packed: PackedInput): Promise<ReadProduct> {
    let problems: readonly MediaProblem[] = [];
    const bare = this.#parts.encoder.encode(product, packed);
    const example = await withLoaded(bare, product.media, this.#parts, (found) => {
      problems = found;
    });
    return { example, problems };
  }

  #seen(example: Example): Example {
    const { spec, only } = this.#parts;
    if (only === undefined) return example;
    const modalities = modalitiesOf(spec);
    return { ...example, present: example.present.map((there, i) => there && only.includes(modalities[i]!)) };
  }

  #seesText(): boolean {
    return this.#parts.only?.includes(TEXT) ?? true;
  }

  /** What scores the values beside the encoder reads text, unless that is hidden. */
  #readable(product: ProductText): ProductText {
    if (this.#seesText()) return product;
    return { category: undefined, texts: product.texts.map(() => '') };
  }

  #scored(
    outputs: Readonly<Record<string, Value>>,
    products: readonly ProductText[],
  ): Readonly<Record<string, Value>> {
    const { scoreChoices, scoreNumbers } = this.#parts;
    const read = products.map((product) => this.#readable(product));
    const { choice, number } = outputs;
    return {
      ...outputs,
      ...(choice && scoreChoices ? { choice: rescored(choice, read, scoreChoices) } : {}),
      ...(number && scoreNumbers ? { number: rescored(number, read, scoreNumbers) } : {}),
    };
  }
}

/** @param output - `[B, W]`, of as many products */
function rescored({ data, dims }: Value, products: readonly ProductText[], score: ScoreChoices): Value {
  const width = dims[1]!;
  const scored = new Float32Array(data.length);
  for (const [row, product] of products.entries()) {
    const own = (data as Float32Array).subarray(row * width, (row + 1) * width);
    scored.set(score(own, product), row * width);
  }
  return { dtype: 'float32', dims, data: scored };
}

/** @param nothing - whether the product has no modality that could be read */
export type OnRead = (index: number, problems: readonly MediaProblem[], nothing: boolean) => void;

type Item = { readonly index: number; readonly product: ProductText; readonly kept: Kept };

const lengthOf = ({ kept }: Item) => kept.packed.ids.length;

export type CutBy<T> = {
  /** Tokens of an item, without padding. */
  length(item: T): number;
  /** What an item costs in tokens beyond them, such as its pictures; nothing when left out. */
  extra?(item: T): number;
  /** Whether a run ends, too, where the length changes. */
  readonly equalLengths?: boolean | undefined;
};

/** Cuts items into runs, in order, whose padded size stays within a budget of tokens; each has at least one item. */
export function cutByTokens<T>(
  items: readonly T[],
  { length, extra, equalLengths = false }: CutBy<T>,
  budget: number,
): readonly (readonly T[])[] {
  const result: T[][] = [];
  let current: T[] = [];
  let longest = 0;
  let beyond = 0;
  for (const item of items) {
    const own = extra?.(item) ?? 0;
    const next = Math.max(longest, length(item));
    const full =
      next * (current.length + 1) + beyond + own > budget || (equalLengths && length(item) !== longest);
    if (current.length > 0 && full) {
      result.push(current);
      current = [];
      longest = 0;
      beyond = 0;
    }
    current.push(item);
    longest = Math.max(longest, length(item));
    beyond += own;
  }
  if (current.length > 0) result.push(current);
  return result;
}
