/** From examples to the arrays a run reads, under the input names of attribute-model.ts. Padding stands on the right. */
import type { Value } from '../../graph/session.ts';
import { encoderOf } from './attribute-model.ts';
import type { Example } from './example.ts';
import { FEATURES } from './lexicon.ts';
import { modalityArrays } from './media-batch.ts';
import { type AttributeModelSpec, describedName, valueNames } from './spec.ts';
import { SHAPE_FEATURES } from './words.ts';

const CLOSED = -1e4;

/** Turns checkpoint ids into rows of the kept word table. */
export type RowOf = (id: number) => number;

/** @param vocabulary - ascending checkpoint ids that are kept; @param unknown - stands for the others */
export function rowsInUse(vocabulary: readonly number[] | undefined, unknown: number): RowOf {
  if (vocabulary === undefined) return (id) => id;
  const rows = new Map(vocabulary.map((id, row) => [id, row]));
  const fallback = rows.get(unknown) ?? 0;
  return (id) => rows.get(id) ?? fallback;
}

export class BatchMaker {
  readonly #spec: AttributeModelSpec;
  readonly #rowOf: RowOf;
  readonly #encodeNames: (names: readonly string[]) => readonly Int32Array[];
  readonly #fixed: Record<string, Value>;
  readonly #pad: number;
  readonly #segments: boolean;

  /** @param pad - checkpoint id of the padding token */
  constructor(
    spec: AttributeModelSpec,
    rowOf: RowOf,
    pad: number,
    encodeNames: (names: readonly string[]) => readonly Int32Array[],
  ) {
    this.#spec = spec;
    this.#rowOf = rowOf;
    this.#pad = rowOf(pad);
    this.#segments = encoderOf(spec).segments > 1;
    this.#encodeNames = encodeNames;
    this.#fixed = spec.choices.length > 0 ? this.#names('choice', valueNames(spec.choices)) : {};
  }

  make(examples: readonly Example[]): Record<string, Value> {
    const { frozenText, spans } = this.#spec;
    const tokens = this.tokens(examples);
    return {
      ...(frozenText ? this.#textVectors(examples) : tokens),
      ...this.#fixed,
      ...modalityArrays(this.#spec, examples),
      ...(spans ? this.#spanArrays(examples, tokens.ids!.dims[1]!) : {}),
    };
  }

  /** What a text encoder reads: `ids`, `mask` and, where it has some, `segments`; int32 `[B, tokens]`. */
  tokens(examples: readonly Pick<Example, 'packed'>[]): Record<string, Value> {
    const tokens = Math.max(1, ...examples.map(({ packed }) => packed.ids.length));
    const dims = [examples.length, tokens];
    const ids = new Int32Array(examples.length * tokens).fill(this.#pad);
    const mask = new Int32Array(ids.length);
    const types = new Int32Array(ids.length);
    for (const [b, { packed }] of examples.entries()) {
      packed.ids.forEach((id, i) => {
        ids[b * tokens + i] = this.#rowOf(id);
      });
      mask.fill(1, b * tokens, b * tokens + packed.ids.length);
      types.set(packed.typeIds, b * tokens);
    }
    const int32 = (data: Int32Array): Value => ({ dtype: 'int32', dims, data });
    return {
      ids: int32(ids),
      mask: int32(mask),
      ...(this.#segments ? { segments: int32(types) } : {}),
    };
  }

  #textVectors(examples: readonly Example[]): Record<string, Value> {
    const { width } = encoderOf(this.#spec);
    const data = new Float32Array(examples.length * width);
    for (const [b, { text }] of examples.entries()) data.set(text!, b * width);
    return { 'text.pooled': { dtype: 'float32', dims: [examples.length, width], data } };
  }

  #spanArrays(examples: readonly Example[], tokens: number): Record<string, Value> {
    const batch = examples.length;
    const spans = Math.max(1, ...examples.map((example) => example.spans!.candidates.length));
    const attributes = Math.max(1, ...examples.map((example) => example.spans!.attributes.length));
    const names = [...new Set(examples.flatMap((example) => example.spans!.attributes))];
    const nameIndex = new Map(names.map((name, i) => [name, i]));
    const { maxWords, pairs: seen } = this.#spec.spans!;
    const starts = new Int32Array(batch * spans);
    const ends = new Int32Array(batch * spans);
    const lengths = new Int32Array(batch * spans);
    const closed = new Float32Array(batch * spans).fill(CLOSED);
    const closedAttributes = new Float32Array(batch * attributes).fill(CLOSED);
    const features = new Float32Array(batch * spans * attributes * FEATURES);
    const shapes = new Float32Array(batch * spans * SHAPE_FEATURES);
    const pairs = new Int32Array(batch * attributes).fill(seen.length);
    const nameOf = new Int32Array(batch * attributes);
    for (const [b, example] of examples.entries()) {
      const own = example.spans!;
      const width = own.attributes.length * FEATURES;
      starts.fill(b * tokens, b * spans, (b + 1) * spans);
      ends.fill(b * tokens, b * spans, (b + 1) * spans);
      for (const [s, candidate] of own.candidates.entries()) {
        const at = b * spans + s;
        starts[at] = b * tokens + own.starts[s]!;
        ends[at] = b * tokens + own.ends[s]!;
        lengths[at] = Math.min(candidate.words, maxWords) - 1;
        closed[at] = 0;
        features.set(own.features.subarray(s * width, (s + 1) * width), at * attributes * FEATURES);
      }
      shapes.set(own.shapes, b * spans * SHAPE_FEATURES);
      pairs.set(own.pairs, b * attributes);
      closedAttributes.fill(0, b * attributes, b * attributes + own.attributes.length);
      own.attributes.forEach((name, a) => {
        nameOf[b * attributes + a] = nameIndex.get(name)!;
      });
    }
    const int32 = (dims: readonly number[], data: Int32Array): Value => ({ dtype: 'int32', dims, data });
    return {
      'spans.starts': int32([batch, spans], starts),
      'spans.ends': int32([batch, spans], ends),
      'spans.lengths': int32([batch, spans], lengths),
      'spans.closed': { dtype: 'float32', dims: [batch, spans], data: closed },
      'spans.closedAttributes': { dtype: 'float32', dims: [batch, attributes], data: closedAttributes },
      'spans.features': { dtype: 'float32', dims: [batch, spans, attributes, FEATURES], data: features },
      'spans.shapes': { dtype: 'float32', dims: [batch, spans, SHAPE_FEATURES], data: shapes },
      'spans.pairs': int32([batch, attributes], pairs),
      'spans.nameOf': int32([batch, attributes], nameOf),
      ...this.#names(
        'spans',
        names.length > 0 ? names.map((name) => describedName(name, this.#spec.spans!)) : [''],
      ),
    };
  }

  #names(head: 'choice' | 'spans', names: readonly string[]): Record<string, Value> {
    const encoded = this.#encodeNames(names);
    const longest = Math.max(...encoded.map((ids) => ids.length));
    const ids = new Int32Array(names.length * longest).fill(this.#pad);
    const mask = new Int32Array(ids.length);
    for (const [n, row] of encoded.entries()) {
      row.forEach((id, i) => {
        ids[n * longest + i] = this.#rowOf(id);
      });
      mask.fill(1, n * longest, n * longest + row.length);
    }
    const dims = [names.length, longest];
    return {
      [`${head}.nameIds`]: { dtype: 'int32', dims, data: ids },
      [`${head}.nameMask`]: { dtype: 'int32', dims, data: mask },
    };
  }
}
