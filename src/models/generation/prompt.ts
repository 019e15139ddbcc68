/**
 * From a product to what a decoder reads and writes. The prompt is one line for each thing that is known, then the attribute's name:
 *
 *     category: Shoes
 *     color: navy
 *     description: Light runner with a mesh upper.
 *     title:
 *
 * and the text that belongs there comes after it, then the token that ends texts. What is not known has no line.
 */
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { writeText } from '../../features/text/write-text.ts';
import type { ProductText } from '../attribute/example.ts';
import { modelError } from '../errors.ts';
import type { GeneratedSpec, GeneratorSpec } from './spec.ts';

/** A text is read no further than this many characters for each token of its budget. */
const CHARACTERS_PER_TOKEN = 64;
/** Most tokens of the category and of a given attribute's value. */
const SHORT_TOKENS = 32;
const LINE = '\n';

type Line = { readonly name: string; readonly text: string; readonly maxTokens: number };

export class PromptWriter {
  readonly spec: GeneratorSpec;
  /** The token that ends a text. */
  readonly end: number;
  readonly #tokenizer: Tokenizer;

  /** @throws models/config-invalid where the tokenizer has no token that ends a text */
  constructor(spec: GeneratorSpec, tokenizer: Tokenizer) {
    const end = tokenizer.special.sep;
    if (end === undefined) {
      throw modelError('models/config-invalid', "The decoder's tokenizer has no token that ends a text.", {
        hint: 'GPT-2 calls it <|endoftext|>: set `eos_token` in tokenizer_config.json.',
      });
    }
    this.spec = spec;
    this.end = end;
    this.#tokenizer = tokenizer;
  }

  /** Token ids; longer texts give way first where not all fit. */
  prompt(attribute: GeneratedSpec, product: ProductText): Int32Array {
    const lines = this.#lines(attribute, product);
    const before = lines.map(({ name }) => this.#ids(`${name}:`));
    const texts = lines.map(({ text, maxTokens }) =>
      this.#ids(` ${text.slice(0, maxTokens * CHARACTERS_PER_TOKEN)}`, maxTokens),
    );
    const newLine = this.#ids(LINE);
    const asked = this.#ids(`${questionOf(attribute)}:`);
    const fixed = before.reduce((total, ids) => total + ids.length + newLine.length, asked.length);
    const limit = fairLimit(
      texts.map(({ length }) => length),
      this.spec.maxPromptTokens - fixed,
    );
    const parts = texts.flatMap((ids, i) => [before[i]!, ids.subarray(0, limit), newLine]);
    const all = joined([...parts, asked]);
    return all.subarray(Math.max(0, all.length - this.spec.maxPromptTokens));
  }

  /** Token ids of an answer; one that is too long is cut, and has no end then. @param values - none for "not applicable" */
  answer({ maxTokens }: GeneratedSpec, values: readonly string[]): Int32Array {
    const ids = values.length === 0 ? new Int32Array(0) : this.#ids(` ${values.join(LINE)}`, maxTokens);
    return ids.length < maxTokens ? joined([ids, Int32Array.of(this.end)]) : ids;
  }

  /** The answer that tokens say: one text, or the items of a list. */
  read({ list }: GeneratedSpec, tokens: readonly number[]): readonly string[] {
    const text = writeText(this.#tokenizer, tokens);
    const items = (list ? text.split(LINE) : [text]).map((item) => item.trim());
    return [...new Set(items)].filter((item) => item !== '');
  }

  #ids(text: string, limit?: number): Int32Array {
    return this.#tokenizer.encode(text, limit).ids;
  }

  #lines(attribute: GeneratedSpec, product: ProductText): readonly Line[] {
    const { fields, table, category } = this.spec;
    const short = (name: string, text: string): Line => ({ name, text, maxTokens: SHORT_TOKENS });
    const lines = [
      ...(category ? [short('category', product.category ?? '')] : []),
      ...attribute.given.map((name) => short(name, (product.values?.[name] ?? []).join(', '))),
      ...table.map((name, i) => short(name, String(product.table?.[i] ?? ''))),
      ...fields.flatMap(({ name, maxTokens }, i): Line[] =>
        attribute.reads.includes(name) ? [{ name, text: product.texts[i] ?? '', maxTokens }] : [],
      ),
    ];
    return lines
      .map(({ text, ...line }) => ({ ...line, text: text.trim() }))
      .filter(({ text }) => text !== '');
  }
}

/** What is asked for, as the prompt has it. */
export function questionOf({
  attribute,
  description,
}: Pick<GeneratedSpec, 'attribute' | 'description'>): string {
  return description === undefined ? attribute : `${attribute} (${description})`;
}

/** The largest limit at which texts of these lengths, each cut to it, have room together. */
export function fairLimit(lengths: readonly number[], room: number): number {
  let left = Math.max(0, room);
  const ordered = lengths.toSorted((a, b) => a - b);
  for (const [i, length] of ordered.entries()) {
    const share = Math.floor(left / (ordered.length - i));
    if (length > share) return share;
    left -= length;
  }
  return ordered.at(-1) ?? 0;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
