/** From a product's texts, pictures, sounds and numbers to what the model reads of it; one code path for training and prediction. */
import type { MediaCell, ObservedBehaviour } from '../../catalog/product.ts';
import { behaviourEncoder, type EncodedBehaviour } from '../../features/behaviour/behaviour-input.ts';
import type { Picture } from '../../features/image/picture.ts';
import { type InputTemplate, type PackedInput, packInput } from '../../features/text/pack-input.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { readsText } from './fusion.ts';
import type { LabelledText, Lexicon } from './lexicon.ts';
import type { AttributeModelSpec } from './spec.ts';
import { type EncodedTable, readsTable, tableEncoder } from './table-inputs.ts';
import { type Candidate, candidatesOf, SHAPE_FEATURES, shapeFeatures } from './words.ts';

/** A product as the model reads it. `labels` are those of a training product, which its lexicon features leave out. */
export type ProductText = {
  readonly category: string | undefined;
  /** In the order of the spec's fields. */
  readonly texts: readonly string[];
  readonly labels?: LabelledText['labels'];
  /** Attributes to extract; those that training saw in the category when left out. */
  readonly attributes?: readonly string[];
  /** Attributes to extract beside them, by name or as "name: description"; training need not have seen any. */
  readonly ask?: readonly string[];
  /** Its pictures and sounds as the catalog says them. */
  readonly media?: ProductMedia;
  /** Cells of the number, category and date inputs, in the order of the spec's; undefined where one is missing. */
  readonly table?: readonly (string | number | undefined)[];
  /** Values of attributes that are known; a decoder may read them in its prompt. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** What shoppers did with it; undefined where that is not known. */
  readonly behaviour?: ObservedBehaviour | undefined;
};

/** A product's cells of each picture and sound field, in the order of the spec's. */
export type ProductMedia = {
  readonly cells: readonly (readonly MediaCell[])[];
  /** The folder that paths are relative to; without one no file is read. */
  readonly root?: string;
};

/**
 * A picture shaped as its processor says (`shapePicture`), what an encoder reads of a sound `[rows, columns]`, or the vector that a
 * frozen encoder made of either.
 */
export type LoadedFile = Picture | Float32Array;

/** The files of each field, so that all have the size that its encoder reads. */
export type LoadedMedia = readonly (readonly LoadedFile[])[];

/** A picture or sound that could not be read. */
export type MediaProblem = {
  readonly field: string;
  /** As the catalog names it; undefined for bytes. */
  readonly reference: string | undefined;
  /** A sentence for the merchant. */
  readonly reason: string;
};

/** Brings pictures and sounds; one that cannot be read is left out, and told. */
export type LoadMedia = (
  media: ProductMedia,
) => Promise<{ readonly loaded: LoadedMedia; readonly problems: readonly MediaProblem[] }>;

/** The vector of a text from a frozen encoder. */
export type LoadText = (packed: PackedInput) => Promise<Float32Array>;

/** What brings the parts of an example that are not made of its cells alone. */
export type Loaders = {
  /** Needed where the model reads pictures or sounds. */
  readonly loadMedia?: LoadMedia | undefined;
  /** Needed where the text encoder is frozen. */
  readonly loadText?: LoadText | undefined;
};

export type SpanExample = {
  readonly candidates: readonly Candidate[];
  /** Token of each candidate's first and last character. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly attributes: readonly string[];
  /** How many of them, the last ones, are only asked for: they are no rivals of the others. */
  readonly asked: number;
  /** The learned vector of each attribute in this category; the last where training never saw it. */
  readonly pairs: Int32Array;
  /** `[candidates, SHAPE_FEATURES]` */
  readonly shapes: Float32Array;
  /** `[candidates, attributes, FEATURES]` */
  readonly features: Float32Array;
};

export type Example = {
  readonly packed: PackedInput;
  readonly spans: SpanExample | undefined;
  readonly media: LoadedMedia;
  /** Place in `present` of the first field of `media`. */
  readonly firstMedia: number;
  /** The vector of a frozen text encoder. */
  readonly text?: Float32Array;
  /** Number, category and date inputs; undefined where the model reads none. */
  readonly table: EncodedTable | undefined;
  /** Undefined where the model reads no event log, or nothing is known of the product. */
  readonly behaviour: EncodedBehaviour | undefined;
  /** For each modality (`modalitiesOf`) whether the product has it. */
  readonly present: readonly boolean[];
};

/** Reads no more characters than could fill a budget, so that a description of 10 MB costs what its head costs. */
const CHARACTERS_PER_TOKEN = 64;

export class ExampleEncoder {
  readonly #spec: AttributeModelSpec;
  readonly #tokenizer: Tokenizer;
  readonly #lexicon: Lexicon | undefined;
  readonly #knownValues: ReadonlySet<string>;
  readonly #template: InputTemplate;
  readonly #pairs = new Map<string, Map<string, number>>();
  readonly #attributes: readonly string[];
  readonly #encodeTable: ReturnType<typeof tableEncoder> | undefined;
  readonly #encodeBehaviour: ReturnType<typeof behaviourEncoder> | undefined;

  constructor(spec: AttributeModelSpec, tokenizer: Tokenizer, lexicon: Lexicon | undefined) {
    this.#spec = spec;
    this.#tokenizer = tokenizer;
    this.#lexicon = lexicon;
    this.#encodeTable = readsTable(spec) ? tableEncoder(spec) : undefined;
    this.#encodeBehaviour = spec.behaviour && behaviourEncoder(spec.behaviour.encoding);
    this.#knownValues = lexicon?.knownValues ?? new Set();
    this.#template = templateOf(spec.encoder.model_type);
    for (const [index, { category, attribute }] of (spec.spans?.pairs ?? []).entries()) {
      const known = this.#pairs.get(category) ?? new Map<string, number>();
      this.#pairs.set(category, known.set(attribute, index));
    }
    this.#attributes = [...new Set(spec.spans?.pairs.map(({ attribute }) => attribute))];
  }

  /**
   * A product without its pictures and sounds, which `withMedia` adds.
   * @param packed - the product's tokens, where they are known already
   */
  encode(product: ProductText, packed: PackedInput = this.pack(product)): Example {
    const { media = [], categoryContext } = this.#spec;
    const table = this.#encodeTable?.(product.table ?? []);
    const behaviour = product.behaviour && this.#encodeBehaviour?.(product.behaviour);
    const hasText =
      product.texts.some((text) => text.trim() !== '') || (categoryContext && Boolean(product.category));
    return {
      packed,
      spans: this.#spec.spans ? this.#spans(product, this.#read(product), packed) : undefined,
      media: media.map(() => []),
      firstMedia: readsText(this.#spec) ? 1 : 0,
      table,
      behaviour,
      present: [
        ...(readsText(this.#spec) ? [hasText] : []),
        ...media.map(() => false),
        ...(table ? [table.present] : []),
        ...(this.#encodeBehaviour ? [behaviour !== undefined] : []),
      ],
    };
  }

  /** The tokens alone. */
  pack(product: Pick<ProductText, 'category' | 'texts'>): PackedInput {
    const { fields, categoryContext, maxTokens } = this.#spec;
    const encoded = this.#read(product).map((text, i) => this.#tokenizer.encode(text, fields[i]!.maxTokens));
    const budgets = fields.map((field) => field.maxTokens);
    const context = categoryContext ? [this.#tokenizer.encode(product.category ?? '', CATEGORY_TOKENS)] : [];
    return packInput(
      [...context, ...encoded],
      [...context.map(() => CATEGORY_TOKENS), ...budgets],
      this.#tokenizer.special,
      this.#template,
      maxTokens,
    );
  }

  /** As much of each text as its budget could hold. */
  #read({ texts }: Pick<ProductText, 'texts'>): readonly string[] {
    return texts.map((text, i) => text.slice(0, this.#spec.fields[i]!.maxTokens * CHARACTERS_PER_TOKEN));
  }

  /** Token ids of names, for `nameVectors`; a name without tokens gets the unknown one. */
  encodeNames(names: readonly string[]): readonly Int32Array[] {
    return names.map((name) => {
      const { ids } = this.#tokenizer.encode(name, NAME_TOKENS);
      return ids.length > 0
        ? ids
        : Int32Array.of(this.#tokenizer.special.unknown ?? this.#tokenizer.special.pad);
    });
  }

  #spans(product: ProductText, texts: readonly string[], packed: PackedInput): SpanExample {
    const spec = this.#spec.spans!;
    const firstField = this.#spec.categoryContext ? 1 : 0;
    const category = product.category ?? '';
    const known = this.#pairs.get(category);
    const usual = product.attributes ?? (known ? [...known.keys()] : this.#attributes);
    const attributes = product.ask ? [...usual, ...product.ask] : usual;
    const wordLimits = this.#spec.fields.map((field) => field.maxTokens);
    const all = candidatesOf(texts, { maxWords: spec.maxWords, wordLimits, knownValues: this.#knownValues });
    const tokens = texts.map((_, field) => tokenAt(packed, field + firstField));
    const candidates: Candidate[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (const candidate of all) {
      const first = tokens[candidate.field]!.get(candidate.start);
      const last = tokens[candidate.field]!.get(candidate.end - 1);
      if (first === undefined || last === undefined || this.#isOwnOnly(product, texts, candidate)) continue;
      candidates.push(candidate);
      starts.push(first);
      ends.push(last);
    }
    const shapes = new Float32Array(candidates.length * SHAPE_FEATURES);
    for (const [c, candidate] of candidates.entries())
      shapeFeatures(texts[candidate.field]!, candidate, shapes, c * SHAPE_FEATURES);
    const pairs = Int32Array.from(attributes, (attribute) => known?.get(attribute) ?? spec.pairs.length);
    const features = this.#lexicon!.features(
      { category, fields: texts },
      candidates,
      attributes,
      product.labels,
    );
    return {
      candidates,
      starts: Int32Array.from(starts),
      ends: Int32Array.from(ends),
      attributes,
      asked: product.ask?.length ?? 0,
      pairs,
      shapes,
      features,
    };
  }

  /** A candidate inside a word that only this training product's own label knows would give the label away. */
  #isOwnOnly(product: ProductText, texts: readonly string[], candidate: Candidate): boolean {
    if (!candidate.partial || product.labels === undefined) return false;
    const value = texts[candidate.field]!.slice(candidate.start, candidate.end);
    const own = Object.values(product.labels).some((values) => values.includes(value));
    return own && this.#lexicon!.timesExact(value) <= 1;
  }
}

/** The example with all that a model reads of it: in training and in serving the same. */
export async function withLoaded(
  example: Example,
  media: ProductMedia | undefined,
  { loadMedia, loadText }: Loaders,
  onProblems: (problems: readonly MediaProblem[]) => void = () => {},
): Promise<Example> {
  const text = loadText && (await loadText(example.packed));
  const whole = text ? { ...example, text } : example;
  if (media === undefined || loadMedia === undefined) return whole;
  const { loaded, problems } = await loadMedia(media);
  if (problems.length > 0) onProblems(problems);
  return withMedia(whole, loaded);
}

/** The example with its pictures and sounds. */
export function withMedia(example: Example, media: LoadedMedia): Example {
  const present = example.present.map((there, i) => {
    const files = media[i - example.firstMedia];
    return files ? files.length > 0 : there;
  });
  return { ...example, media, present };
}

/** Most tokens of a category and of a value's or an attribute's name. */
export const CATEGORY_TOKENS = 16;
const NAME_TOKENS = 24;

/** The token that covers each character of a field. */
function tokenAt(packed: PackedInput, field: number): ReadonlyMap<number, number> {
  const tokens = new Map<number, number>();
  for (let token = 0; token < packed.ids.length; token++) {
    if (packed.fields[token] !== field) continue;
    for (let at = packed.starts[token]!; at < packed.ends[token]!; at++)
      if (!tokens.has(at)) tokens.set(at, token);
  }
  return tokens;
}

/** How a family of encoders marks fields. */
export function templateOf(modelType: unknown): InputTemplate {
  if (modelType === 'gpt2') return 'gpt2';
  return modelType === 'roberta' || modelType === 'xlm-roberta' || modelType === 'mpnet' ? 'roberta' : 'bert';
}
