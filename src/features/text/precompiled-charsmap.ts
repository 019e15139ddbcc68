import type { AlignedText } from './aligned-text.ts';
import { AlignedBuilder, unitsAt } from './aligned-text.ts';
import { invalid } from './tokenizer-json.ts';

/**
 * SentencePiece's normalisation table (`nmt_nfkc` and its kin): a double-array trie over UTF-8 bytes that leads to
 * replacements. Base64 of `u32 trie bytes | trie | replacements, each ended by a zero byte`.
 *
 * @see https://github.com/google/sentencepiece/blob/master/doc/normalization.md
 * @see Aoe 1989, "An efficient digital search algorithm by using a double-array structure"
 */
export function precompiledNormalizer(base64: string, where: string): (input: AlignedText) => AlignedText {
  const bytes = Buffer.from(base64, 'base64');
  const trieBytes = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    return invalid(where, 'has a precompiled_charsmap that is cut short or none at all');
  }
  const trie = new Uint32Array(trieBytes / 4);
  for (let i = 0; i < trie.length; i++) trie[i] = bytes.readUInt32LE(4 + 4 * i);
  const replacements = bytes.subarray(4 + trieBytes);
  const known = new Map<string, string | undefined>();

  /** The replacement of the shortest prefix of `chunk` that has one. */
  const lookUp = (chunk: string): string | undefined => {
    if (known.has(chunk)) return known.get(chunk);
    const place = shortestPrefix(trie, Buffer.from(chunk, 'utf8'));
    let found: string | undefined;
    if (place !== undefined && place <= replacements.length) {
      const end = replacements.indexOf(0, place);
      found = replacements.toString('utf8', place, end < 0 ? replacements.length : end);
    }
    if (known.size < 20_000) known.set(chunk, found);
    return found;
  };

  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  return (input) => {
    const builder = new AlignedBuilder(input);
    const segments = /^[ -~]*$/.test(input.text)
      ? input.text
      : Array.from(graphemes.segment(input.text), ({ segment }) => segment);
    let place = 0;
    for (const segment of segments) {
      const whole = Buffer.byteLength(segment) < 6 ? lookUp(segment) : undefined;
      if (whole !== undefined) builder.pushInOrder(whole, place, place + segment.length);
      else {
        for (let i = place; i < place + segment.length; ) {
          const size = unitsAt(input.text, i);
          const character = input.text.slice(i, i + size);
          builder.pushInOrder(lookUp(character) ?? character, i, i + size);
          i += size;
        }
      }
      place += segment.length;
    }
    return builder.done();
  };
}

/** Walks the trie (units as in the darts-clone library) and gives the value of the first node that has one. */
function shortestPrefix(trie: Uint32Array, key: Uint8Array): number | undefined {
  let position = offsetOf(trie[0]!);
  for (const byte of key) {
    position ^= byte;
    const unit = trie[position];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    position ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) return (trie[position] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
