/** Lines of a byte stream, read as they are asked for. What they take of memory is reserved, so that it is bounded. */
import type { Held } from './reading-room.ts';

export type Line = {
  /** 1-based, counting every line. */
  readonly number: number;
  /** Without its end; undefined when the line was longer than allowed. */
  readonly text: string | undefined;
  /** Given back by whoever is done with the text. */
  readonly held: Held;
};

export type LineOptions = {
  /** A longer line is passed over without being kept. */
  readonly maxCharacters: number;
  /** Waits for room for so many characters; a line that grows long has room for the longest before it is read on. */
  readonly reserve: (characters: number) => Promise<Held>;
};

/** The start of a line that has no room of its own yet. */
const SHORT = 64 * 1024;

const NOTHING: Held = { keep: () => {} };

/**
 * Splits UTF-8 at `\n` or `\r\n`; bytes that are no UTF-8 become U+FFFD, a byte order mark at the start goes. Blank
 * lines are counted and left out.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  { maxCharacters, reserve }: LineOptions,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8');
  let parts: string[] = [];
  let length = 0;
  let number = 0;
  let held: Held | undefined;
  const add = (part: string) => {
    length += part.length;
    if (length <= maxCharacters) return void parts.push(part);
    parts = [];
    held?.keep(0);
  };
  const take = async (): Promise<Line | undefined> => {
    number++;
    const text = length > maxCharacters ? undefined : parts.join('').trim();
    parts = [];
    length = 0;
    const own = text === undefined || text === '' ? NOTHING : (held ?? (await reserve(text.length)));
    own.keep(text?.length ?? 0);
    if (own === NOTHING) held?.keep(0);
    held = undefined;
    return text === '' ? undefined : { number, text, held: own };
  };
  for await (const chunk of source) {
    const decoded = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = decoded.indexOf('\n'); end >= 0; end = decoded.indexOf('\n', start)) {
      add(decoded.slice(start, end));
      start = end + 1;
      const line = await take();
      if (line !== undefined) yield line;
    }
    add(decoded.slice(start));
    if (length > SHORT && length <= maxCharacters) held ??= await reserve(maxCharacters);
  }
  add(decoder.decode());
  const last = await take();
  if (last !== undefined) yield last;
}
