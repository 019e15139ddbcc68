/** How well an encoder guesses hidden words of held-out texts, and what its vectors tell of attributes that it was not taught. */
import { hashString, Random } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import { type LabelledVectors, linearProbe, nearestIsAlike } from '../evaluation/metrics/linear-probe.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import { input } from '../graph/builder.ts';
import { Session } from '../graph/session.ts';
import type { State } from '../graph/state.ts';
import { hiddenStates, type TextEncoder } from '../models/architectures/encoder.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { pool } from '../models/layers/pooling.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { textArrays } from '../models/pairs/pair-batch.ts';
import { hideWords, maskedGraph } from './masked-tokens.ts';
import { packRows, readTokens, type WholeRow } from './packed-rows.ts';
import type { PretrainConfig } from './pretrain-config.ts';
import { hidingOptions } from './recipes/pretrain-text.ts';
import type { ProductStream } from './survey.ts';

export type ProbeScore = {
  readonly attribute: string;
  /** Held-out products with a label. */
  readonly products: number;
  /** Share whose nearest training product, by cosine, has the same value. */
  readonly retrieval: number;
  /** Share whose value a linear model on the vectors of training products names. */
  readonly accuracy: number;
  /** Share of the commonest value of the training products. */
  readonly commonest: number;
};

export type MaskedScores = {
  /** Mean over the guesses, in nats; e to it is the perplexity. */
  readonly loss: number;
  /** Share of the guesses that are right. */
  readonly accuracy: number;
  readonly guesses: number;
  readonly probes: readonly ProbeScore[];
};

export type MaskedJudgeParts = {
  readonly encoder: TextEncoder;
  /** Holds the parameters; what it holds later is what later judgements are made with. */
  readonly state: State;
  readonly tokenizer: Tokenizer;
  readonly catalog: ProductStream;
  /** Products of each side. */
  readonly counts: Readonly<Record<Side | 'train', number>>;
  readonly fields: readonly string[];
  readonly settings: Pick<PretrainConfig, 'maxTokens' | 'guessed' | 'probe'>;
  readonly threads: number | undefined;
};

type Side = 'dev' | 'test';
/** Products by whose labels vectors are judged. */
type Sample = { readonly rows: readonly WholeRow[]; readonly labels: readonly (string | undefined)[][] };

/** Rows whose words are guessed at most, and products that are looked at for that. */
const MOST_ROWS = 512;
const MOST_PRODUCTS = 8000;
/** Products whose vectors are compared at most. */
const MOST_KNOWN = 2000;
const MOST_ASKED = 1000;
const SAMPLE = 0x3a60;
const AT_ONCE = 16;

export class MaskedJudge {
  readonly #parts: MaskedJudgeParts;
  readonly #guesses: Session;
  readonly #vectors: Session;
  readonly #samples = new Map<Side | 'train', Promise<Sample>>();

  private constructor(parts: MaskedJudgeParts, guesses: Session, vectors: Session) {
    this.#parts = parts;
    this.#guesses = guesses;
    this.#vectors = vectors;
  }

  static async open(parts: MaskedJudgeParts): Promise<MaskedJudge> {
    const { encoder, threads } = parts;
    const options = threads === undefined ? {} : { threads };
    const { loss, hits, parameters } = maskedGraph(encoder, noDropout);
    const inputs = {
      ids: input('ids', 'int32', ['batch', 'tokens']),
      mask: input('mask', 'int32', ['batch', 'tokens']),
    };
    const scope = scopeOf((name) => parameters.get(name)!);
    const vectors = pool(hiddenStates(encoder, scope, inputs, noDropout), inputs.mask, 'mean');
    return new MaskedJudge(
      parts,
      await Session.create({ total: loss.total, hits }, options),
      await Session.create({ vectors }, options),
    );
  }

  /** The same words are hidden each time. @returns undefined where no product of the side has a word */
  async judge(side: Side): Promise<MaskedScores | undefined> {
    const { encoder, tokenizer, settings, state } = this.#parts;
    const options = hidingOptions(encoder, tokenizer, settings.guessed);
    const random = new Random(SAMPLE);
    let [loss, hits, guesses, rows] = [0, 0, 0, 0];
    for await (const some of this.#rows(side)) {
      const { values, weight } = hideWords(some, options, random);
      if (weight > 0) {
        const result = await state.run(this.#guesses, values);
        loss += result.total!.data[0]!;
        hits += result.hits!.data[0]!;
        guesses += weight;
      }
      rows += some.length;
      if (rows >= MOST_ROWS) break;
    }
    if (guesses === 0) return undefined;
    return { loss: loss / guesses, accuracy: hits / guesses, guesses, probes: await this.#probes(side) };
  }

  async close(): Promise<void> {
    await this.#guesses.close();
    await this.#vectors.close();
  }

  /** A sample of the side's texts, packed. */
  async *#rows(side: Side): AsyncGenerator<readonly WholeRow[]> {
    const { catalog, counts, fields, tokenizer, settings } = this.#parts;
    const isSampled = sampleOf(MOST_PRODUCTS, counts[side]);
    async function* texts() {
      for await (const chunk of catalog.products({ sides: [side] }))
        yield chunk.filter(isSampled).flatMap((product) => readTokens(product, fields, tokenizer) ?? []);
    }
    let rows: WholeRow[] = [];
    for await (const row of packRows(texts(), { length: settings.maxTokens, cls: tokenizer.special.cls })) {
      rows.push(row);
      if (rows.length < AT_ONCE) continue;
      yield rows;
      rows = [];
    }
    if (rows.length > 0) yield rows;
  }

  async #probes(side: Side): Promise<readonly ProbeScore[]> {
    const { probe } = this.#parts.settings;
    if (probe.length === 0) return [];
    const [known, asked] = [await this.#sample('train'), await this.#sample(side)];
    const [knownVectors, askedVectors] = [await this.#embed(known.rows), await this.#embed(asked.rows)];
    const { width } = this.#parts.encoder;
    return probe.flatMap((attribute, at): ProbeScore[] => {
      const train = labelled(knownVectors, known, at, width);
      const test = labelled(askedVectors, asked, at, width);
      const [retrieval, accuracy] = [nearestIsAlike(train, test), linearProbe(train, test)];
      if (retrieval === undefined || accuracy === undefined) return [];
      const commonest = commonestOf(train.labels);
      const right = test.labels.filter((label) => label === commonest).length;
      const products = test.labels.length;
      return [{ attribute, products, retrieval, accuracy, commonest: right / products }];
    });
  }

  #sample(side: Side | 'train'): Promise<Sample> {
    let sample = this.#samples.get(side);
    if (sample === undefined) {
      sample = this.#readSample(side);
      this.#samples.set(side, sample);
    }
    return sample;
  }

  async #readSample(side: Side | 'train'): Promise<Sample> {
    const { catalog, counts, fields, tokenizer, settings } = this.#parts;
    const isSampled = sampleOf(side === 'train' ? MOST_KNOWN : MOST_ASKED, counts[side]);
    const rows: WholeRow[] = [];
    const labels: (string | undefined)[][] = [];
    for await (const chunk of catalog.products({ sides: [side] })) {
      for (const product of chunk) {
        if (!isSampled(product)) continue;
        const text = readTokens(product, fields, tokenizer);
        const own = settings.probe.map((attribute) => labelOf(product, attribute));
        if (text === undefined || own.every((value) => value === undefined)) continue;
        rows.push(await firstRow(text, settings.maxTokens, tokenizer.special.cls));
        labels.push(own);
      }
    }
    return { rows, labels };
  }

  /** `[rows, width]`, computed with texts of like length together. */
  async #embed(rows: readonly WholeRow[]): Promise<Float32Array> {
    const { state, encoder, tokenizer } = this.#parts;
    const result = new Float32Array(rows.length * encoder.width);
    const order = [...rows.keys()].sort((a, b) => rows[a]!.ids.length - rows[b]!.ids.length);
    for (let from = 0; from < order.length; from += AT_ONCE) {
      const some = order.slice(from, from + AT_ONCE);
      const texts = some.map((row) => rows[row]!.ids);
      const { vectors } = await state.run(this.#vectors, textArrays(texts, tokenizer.special.pad));
      for (const [i, row] of some.entries()) {
        const vector = (vectors!.data as Float32Array).subarray(i * encoder.width, (i + 1) * encoder.width);
        result.set(vector, row * encoder.width);
      }
    }
    return result;
  }
}

/** A sample of a side by hash of the id, about so many. */
function sampleOf(most: number, count: number): (product: Pick<Product, 'id'>) => boolean {
  if (count <= most) return () => true;
  return ({ id }) => hashString(id, SAMPLE) / 2 ** 32 < most / count;
}

async function firstRow(text: WholeRow, length: number, cls: number | undefined): Promise<WholeRow> {
  async function* only() {
    yield [text];
  }
  const { value } = await packRows(only(), { length, cls }).next();
  return value as WholeRow;
}

/** The value as the catalog says it, in lower case; of several the first. */
function labelOf({ labels }: Pick<Product, 'labels'>, attribute: string): string | undefined {
  const label = labels[attribute];
  return label?.state === 'value' ? label.values[0]?.trim().toLowerCase() : undefined;
}

function labelled(vectors: Float32Array, { labels }: Sample, at: number, width: number): LabelledVectors {
  const rows = [...labels.keys()].filter((row) => labels[row]![at] !== undefined);
  const own = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) own.set(vectors.subarray(row * width, (row + 1) * width), i * width);
  return { vectors: own, labels: rows.map((row) => labels[row]![at]!) };
}

function commonestOf(labels: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
