/** How often a picture finds its text among those of all held-out products, and a text its picture. */
import { hashString } from '../base/random.ts';
import { type RecallAt, recallAt } from '../evaluation/metrics/recall-at.ts';
import type { PairEmbedder } from '../models/pairs/pair-embedder.ts';
import { alike, type Pair, type PairReaderParts, readPairs } from './pairs.ts';
import type { ProductStream } from './survey.ts';

export type PairScores = {
  /** Products that were compared with each other. */
  readonly products: number;
  readonly pictureToText: RecallAt;
  readonly textToPicture: RecallAt;
  /** The mean cosine of a product's text and picture, less that of any text and any picture; -2 to 2. */
  readonly margin: number;
};

/** Products compared with each other at most, a sample by hash of their id where there are more: each meets every other. */
const MOST = 2000;
const SAMPLE = 0xa117;

/**
 * @param products - of the side in all
 * @returns undefined where the side has no two products with texts and pictures that differ
 */
export async function judgePairs(
  embedder: PairEmbedder,
  catalog: ProductStream,
  reader: PairReaderParts,
  { side, products }: { readonly side: 'dev' | 'test'; readonly products: number },
): Promise<PairScores | undefined> {
  const share = MOST / Math.max(MOST, products);
  const keys: Pick<Pair, 'textKey' | 'pictureKey'>[] = [];
  const texts: Float32Array[] = [];
  const pictures: Float32Array[] = [];
  for await (const chunk of catalog.products({ sides: [side] })) {
    const sampled = chunk.filter(({ id }) => hashString(id, SAMPLE) / 2 ** 32 < share);
    const pairs = await readPairs(sampled, reader);
    if (pairs.length === 0) continue;
    texts.push(await embedder.embedTexts(pairs.map(({ ids }) => ids)));
    pictures.push(await embedder.embedPictures(pairs.map((pair) => pair.pictures[0]!)));
    for (const { textKey, pictureKey } of pairs) keys.push({ textKey, pictureKey });
  }
  if (keys.every((key) => alike(key, keys[0]!))) return undefined;
  const [ofTexts, ofPictures] = [joined(texts), joined(pictures)];
  const same = (i: number, j: number) => alike(keys[i]!, keys[j]!);
  const pictureToText = recallAt(ofPictures, ofTexts, keys.length, same);
  const textToPicture = recallAt(ofTexts, ofPictures, keys.length, same);
  if (!pictureToText || !textToPicture) return undefined;
  const margin = marginOf(ofTexts, ofPictures, keys.length);
  return { products: keys.length, pictureToText, textToPicture, margin };
}

/** What the margin counts for beside recalls, which few dev products soon have in full. */
const MARGIN_SHARE = 1e-3;

/** The mean of the recalls of both directions, in [0, 1]; between equals the margin decides. Chooses the best epoch. */
export function pairScore({ pictureToText, textToPicture, margin }: PairScores): number {
  const all = [...Object.values(pictureToText), ...Object.values(textToPicture)];
  return all.reduce((a, b) => a + b, 0) / all.length + MARGIN_SHARE * margin;
}

/** @param texts, pictures - `[count, width]`; the mean over all pairs is the product of the means */
function marginOf(texts: Float32Array, pictures: Float32Array, count: number): number {
  const width = texts.length / count;
  let own = 0;
  let any = 0;
  for (let d = 0; d < width; d++) {
    let [text, picture] = [0, 0];
    for (let at = d; at < texts.length; at += width) {
      own += texts[at]! * pictures[at]!;
      text += texts[at]!;
      picture += pictures[at]!;
    }
    any += text * picture;
  }
  return own / count - any / count ** 2;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
