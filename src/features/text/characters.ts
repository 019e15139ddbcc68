/**
 * What kind a character is, as the tokenizers that trained the checkpoints saw it: their Unicode tables are older than
 * JavaScript's (BERT's are of Unicode 8, byte-level BPE's of Unicode 13), and a character counted otherwise than in
 * training becomes another token. The ranges below are what JavaScript knows and they do not; a test compares every code
 * point with the original library.
 */

export const WHITE = 1;
/** Removed by BERT's clean-up: control, format and private-use characters. */
export const CONTROL = 2;
/** Splits words in BERT: ASCII symbols and Unicode punctuation. */
export const PUNCTUATION = 4;
/** Stands alone in BERT: Chinese characters (Japanese and Korean syllables do not). */
export const IDEOGRAPH = 8;
export const LETTER = 16;
export const NUMBER = 32;
/** Removed where BERT strips accents. */
export const ACCENT = 64;
const KNOWN = 128;

const NEWER_CONTROLS = ranges('890-891 8e2 110cd 13430-1343f');
const NEWER_PUNCTUATION = ranges(
  '61d 9fd a76 c77 c84 1b4e-1b4f 1b7d-1b7f 2e43-2e4f 2e52-2e5d 10d6e 10ead 10ed0 10f55-10f59 10f86-10f89 113d4-113d5 ' +
    '113d7-113d8 1144b-1144f 1145a-1145b 1145d 11660-1166c 116b9 1183b 11944-11946 119e2 11a3f-11a46 11a9a-11a9c ' +
    '11a9e-11aa2 11b00-11b09 11be1 11c41-11c45 11c70-11c71 11ef7-11ef8 11f43-11f4f 11fff 12ff1-12ff2 16d6d-16d6f ' +
    '16e97-16e9a 16fe2 1e5ff 1e95e-1e95f',
);
const OLDER_PUNCTUATION = ranges('166d 111c9');
const NEWER_LETTERS = ranges(
  '88f c5c cdc a7ce-a7cf a7d2 a7d4 a7f1 10940-10959 10ec5-10ec7 11db0-11ddb 16ea0-16eb8 16ebb-16ed3 16ff2-16ff3 ' +
    '187f8-187ff 18d09-18d1e 18d80-18df2 1e6c0-1e6de 1e6e0-1e6e2 1e6e4-1e6e5 1e6e7-1e6ed 1e6f0-1e6f4 1e6fe-1e6ff ' +
    '2b73a-2b73f 2cea2-2cead 323b0-33479',
);
const NEWER_NUMBERS = ranges('11de0-11de9 16ff4-16ff6');
/** Marks, and letters composed with them, that BERT's tables do not have: it leaves them as they are. */
const NEWER_ACCENTS = ranges(
  '7fd 897-89f 8ca-8e1 9fe afa-aff b55 c04 c3c d00 d3b-d3c d81 eba ece 180f 1885-1886 1abf-1add 1ae0-1aeb 1df6-1dfb ' +
    'a82c a8c5 a8ff a9bd 105c9 105e4 10d24-10d27 10d69-10d6d 10eab-10eac 10efa-10eff 10f46-10f50 10f82-10f85 11070 ' +
    '11073-11074 110c2 111c9 111cf 1123e 11241 1133b 11383 11385 1138e 11391 113bb-113c0 113c5 113c7-113c8 113ce ' +
    '113d0 113d2 113e1-113e2 11438-1143f 11442-11444 11446 1145e 1182f-11837 11839-1183a 11938 1193b-1193c ' +
    '1193e 11943 119d4-119d7 119da-119db 119e0 11a01-11a0a 11a33-11a38 11a3b-11a3e 11a47 11a51-11a56 11a59-11a5b ' +
    '11a8a-11a96 11a98-11a99 11b60 11b62-11b64 11b66 11c30-11c36 11c38-11c3d 11c3f 11c92-11ca7 11caa-11cb0 ' +
    '11cb2-11cb3 11cb5-11cb6 11d31-11d36 11d3a 11d3c-11d3d 11d3f-11d45 11d47 11d90-11d91 11d95 11d97 11ef3-11ef4 ' +
    '11f00-11f01 11f36-11f3a 11f40 11f42 11f5a 13440 13447-13455 1611e-16129 1612d-1612f 16d68-16d6a 16f4f 16fe4 ' +
    '1cf00-1cf2d 1cf30-1cf46 1e000-1e006 1e008-1e018 1e01b-1e021 1e023-1e024 1e026-1e02a 1e08f 1e130-1e136 1e2ae ' +
    '1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5 1e944-1e94a',
);
const OLDER_ACCENTS = ranges('1734 1171e');
const IDEOGRAPHS = ranges(
  '3400-4dbf 4e00-9fff f900-faff 20000-2a6df 2a700-2b73f 2b740-2b81f 2b920-2ceaf 2f800-2fa1f',
);

const table = new Uint8Array(0x110000);

/** The kinds of a code point, as a sum of the constants above. */
export function kindOf(codePoint: number): number {
  if (table[codePoint] === 0) table[codePoint] = classify(codePoint) | KNOWN;
  return table[codePoint]!;
}

/** Whether the UTF-16 unit at `index` is white space; half a surrogate pair never is. */
export function isWhiteAt(text: string, index: number): boolean {
  return (kindOf(text.charCodeAt(index)) & WHITE) !== 0;
}

/**
 * A character as BERT's accent stripping leaves it: decomposed (NFD) and without its nonspacing marks; empty when it is
 * nothing but a mark.
 */
export function withoutAccents(character: string): string {
  const codePoint = character.codePointAt(0)!;
  if (codePoint < 0x80 || within(NEWER_ACCENTS, codePoint)) return character;
  if ((kindOf(codePoint) & ACCENT) !== 0) return '';
  return character.normalize('NFD').replace(/\p{Mn}/gu, '');
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  let kind = 0;
  if (/\p{White_Space}/u.test(character)) kind |= WHITE;
  if (
    codePoint === 0xfffd ||
    (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(character) && !within(NEWER_CONTROLS, codePoint))
  ) {
    if (codePoint !== 9 && codePoint !== 10 && codePoint !== 13) kind |= CONTROL;
  }
  if (/[!-/:-@[-`{-~]|\p{P}/u.test(character) && !within(NEWER_PUNCTUATION, codePoint)) kind |= PUNCTUATION;
  if (within(OLDER_PUNCTUATION, codePoint)) kind |= PUNCTUATION;
  if (within(IDEOGRAPHS, codePoint)) kind |= IDEOGRAPH;
  if (/\p{L}/u.test(character) && !within(NEWER_LETTERS, codePoint)) kind |= LETTER;
  if (/\p{N}/u.test(character) && !within(NEWER_NUMBERS, codePoint)) kind |= NUMBER;
  if (/\p{Mn}/u.test(character) && !within(NEWER_ACCENTS, codePoint)) kind |= ACCENT;
  if (within(OLDER_ACCENTS, codePoint)) kind |= ACCENT;
  return kind;
}

type Ranges = readonly (readonly [first: number, last: number])[];

function ranges(text: string): Ranges {
  return text.split(' ').map((part) => {
    const [first, last] = part.split('-');
    return [Number.parseInt(first!, 16), Number.parseInt(last ?? first!, 16)];
  });
}

function within(list: Ranges, codePoint: number): boolean {
  return list.some(([first, last]) => first <= codePoint && codePoint <= last);
}
