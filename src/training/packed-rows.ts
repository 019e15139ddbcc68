/** Texts one after the other in rows of equal length, so that nothing is padding. */
import type { Product } from '../catalog/product.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import { wordContinuations } from '../features/text/whole-words.ts';
import type { TokenRow } from './masked-tokens.ts';

export type WholeRow = Required<TokenRow>;

/** A product's texts as tokens, each closed by the separating token; undefined where it has none. */
export function readTokens(
  { texts }: Pick<Product, 'texts'>,
  fields: readonly string[],
  tokenizer: Tokenizer,
): WholeRow | undefined {
  const { sep } = tokenizer.special;
  const ids: number[] = [];
  const continues: number[] = [];
  for (const field of fields) {
    const text = texts[field] ?? '';
    const encoding = tokenizer.encode(text);
    if (encoding.ids.length === 0) continue;
    for (const id of encoding.ids) ids.push(id);
    for (const each of wordContinuations(text, encoding)) continues.push(each);
    if (sep === undefined) continue;
    ids.push(sep);
    continues.push(0);
  }
  if (ids.length === 0) return undefined;
  return { ids: Int32Array.from(ids), continues: Uint8Array.from(continues) };
}

export type PackOptions = {
  /** Tokens of a row; the last one may be shorter. */
  readonly length: number;
  /** The token that stands first in each row, where there is one. */
  readonly cls: number | undefined;
};

/** Rows that so many tokens fill, whatever their order. */
export const rowCount = (tokens: number, { length, cls }: PackOptions): number =>
  Math.ceil(tokens / roomOf({ length, cls }));

const roomOf = ({ length, cls }: PackOptions) => length - (cls === undefined ? 0 : 1);

/** A text that does not fit in what is left of a row goes on in the next. */
export async function* packRows(
  texts: AsyncIterable<readonly WholeRow[]>,
  options: PackOptions,
): AsyncGenerator<WholeRow> {
  const { length, cls } = options;
  const first = length - roomOf(options);
  let ids = new Int32Array(length);
  let continues = new Uint8Array(length);
  let filled = first;
  for await (const chunk of texts) {
    for (const text of chunk) {
      for (let from = 0; from < text.ids.length; ) {
        const taken = Math.min(length - filled, text.ids.length - from);
        ids.set(text.ids.subarray(from, from + taken), filled);
        continues.set(text.continues.subarray(from, from + taken), filled);
        filled += taken;
        from += taken;
        if (filled < length) continue;
        if (cls !== undefined) ids[0] = cls;
        yield { ids, continues };
        ids = new Int32Array(length);
        continues = new Uint8Array(length);
        filled = first;
      }
    }
  }
  if (filled === first) return;
  if (cls !== undefined) ids[0] = cls;
  yield { ids: ids.subarray(0, filled), continues: continues.subarray(0, filled) };
}
