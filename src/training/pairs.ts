/** Products as pairs of a text and its pictures. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Product } from '../catalog/product.ts';
import type { Picture } from '../features/image/picture.ts';
import { aroundText } from '../features/text/special-tokens.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import type { LoadMedia } from '../models/attribute/example.ts';

export type Pair = {
  readonly product: Product;
  /** Token ids, special ones included. */
  readonly ids: Int32Array;
  /** Shaped; at least one. */
  readonly pictures: readonly Picture[];
  /** Equal where the text is, and where the first picture is. */
  readonly textKey: string;
  readonly pictureKey: string;
};

type Keys = Pick<Pair, 'textKey' | 'pictureKey'>;

/** Whether the text of one product says the picture of the other as well as its own: equal texts, or one picture of both. */
export const alike = (a: Keys, b: Keys): boolean => a.textKey === b.textKey || a.pictureKey === b.pictureKey;

export type PairReaderParts = {
  readonly tokenizer: Tokenizer;
  /** Of `tokenizer.json`: which special tokens stand round a text. */
  readonly postProcessor: unknown;
  /** Text inputs, whose texts are read one after the other. */
  readonly texts: readonly string[];
  /** The image input. */
  readonly image: string;
  /** Longest text in tokens, special ones included. */
  readonly maxTokens: number;
  readonly load: LoadMedia;
};

/** Products whose pictures are read at once. */
const AT_ONCE = 16;
/** Reads no more characters than could fill the budget. */
const CHARACTERS_PER_TOKEN = 64;

/** @returns the products of a chunk that have a text and a picture which can be read, as pairs */
export async function readPairs(
  products: readonly Product[],
  parts: PairReaderParts,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let from = 0; from < products.length; from += AT_ONCE) {
    const some = await Promise.all(products.slice(from, from + AT_ONCE).map((each) => readPair(each, parts)));
    for (const pair of some) if (pair) pairs.push(pair);
  }
  return pairs;
}

async function readPair(product: Product, parts: PairReaderParts): Promise<Pair | undefined> {
  const text = textOf(product, parts.texts);
  const cells = product.media?.[parts.image] ?? [];
  if (text === '' || cells.length === 0) return undefined;
  const { loaded } = await parts.load({ cells: [cells], root: dirname(product.source.file) });
  const pictures = loaded[0] as readonly Picture[];
  if (pictures.length === 0) return undefined;
  const ids = encodeText(text, parts);
  return {
    product,
    ids,
    pictures,
    textKey: ids.join(' '),
    pictureKey: createHash('sha1').update(pictures[0]!.pixels).digest('base64'),
  };
}

/** The product's texts, one after the other; empty where it has none. */
export function textOf({ texts }: Pick<Product, 'texts'>, fields: readonly string[]): string {
  return fields
    .map((field) => (texts[field] ?? '').trim())
    .filter((text) => text !== '')
    .join(' ');
}

/** A text's tokens between the special ones that the tokenizer puts round it, cut at the end. */
function encodeText(
  text: string,
  { tokenizer, postProcessor, maxTokens }: Pick<PairReaderParts, 'tokenizer' | 'postProcessor' | 'maxTokens'>,
): Int32Array {
  const { cls, sep } = aroundText(postProcessor);
  const [first, last] = [cls, sep].map((id) => (id === undefined ? [] : [id])) as [number[], number[]];
  const room = maxTokens - first.length - last.length;
  const { ids } = tokenizer.encode(text.slice(0, room * CHARACTERS_PER_TOKEN), room);
  return Int32Array.from([...first, ...ids, ...last]);
}
