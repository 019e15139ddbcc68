/**
 * GPT-2's way to write any bytes as text: each of the 256 bytes has a visible character, printable Latin-1 its own and the
 * others those from U+0100 on (a space is `Ġ`). Byte-level vocabularies are written in them.
 */
const characters: readonly string[] = (() => {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

const encoder = new TextEncoder();

/** The UTF-8 bytes of `text` as characters, one a byte; half a surrogate pair counts as U+FFFD. */
export function byteCharacters(text: string): string {
  if (text.length === 1) {
    const code = text.charCodeAt(0);
    if (code < 0x80) return characters[code]!;
  }
  return Array.from(encoder.encode(text), (byte) => characters[byte]!).join('');
}

const bytes: ReadonlyMap<string, number> = new Map(characters.map((character, byte) => [character, byte]));

/** All 256 of them, in the order of their bytes. */
export const BYTE_CHARACTERS = characters;

/** The bytes that characters stand for; undefined where one of them stands for none. */
export function bytesOfCharacters(text: string): Uint8Array | undefined {
  const result = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = bytes.get(text[i]!);
    if (byte === undefined) return undefined;
    result[i] = byte;
  }
  return result;
}
