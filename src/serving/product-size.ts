import type { ProductInput } from '../prediction/prediction.ts';

/** UTF-16 units of the texts of all `products`, and bytes of their pictures and sounds. */
export function characters(products: readonly ProductInput[]): number {
  let sum = 0;
  for (const { texts, media } of products) {
    for (const text of Object.values(texts)) sum += text.length;
    for (const cell of Object.values(media?.cells ?? {}).flat()) sum += cell.length;
  }
  return sum;
}

const CHARACTERS_PER_TOKEN = 4;
/** What encoders read of a text at most, and about what a picture or a sound costs beside it. */
const MAX_TOKENS = 512;
const TOKENS_PER_FILE = 64;

/** About how many tokens a model reads of a product. */
export function tokensOf({ texts, media }: ProductInput): number {
  let length = 0;
  for (const text of Object.values(texts)) length += text.length;
  const files = Object.values(media?.cells ?? {}).reduce((total, cells) => total + cells.length, 0);
  return Math.min(MAX_TOKENS, Math.ceil(length / CHARACTERS_PER_TOKEN) + 1) + TOKENS_PER_FILE * files;
}
