/** Lines of a byte stream, read as they are asked for; memory is one line's, whatever the stream is. */

export type Line = {
  /** 1-based, counting every line. */
  readonly number: number;
  /** Without its end; undefined when the line was longer than allowed. */
  readonly text: string | undefined;
};

/**
 * Splits UTF-8 at `\n` or `\r\n`; bytes that are no UTF-8 become U+FFFD, a byte order mark at the start goes. Blank
 * lines are counted and left out.
 *
 * @param maxCharacters - a longer line is passed over without being kept
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  maxCharacters: number,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8');
  let parts: string[] = [];
  let length = 0;
  let number = 0;
  const add = (part: string) => {
    length += part.length;
    if (length > maxCharacters) parts = [];
    else parts.push(part);
  };
  const take = (): Line | undefined => {
    number++;
    const text = length > maxCharacters ? undefined : parts.join('').trim();
    parts = [];
    length = 0;
    return text === '' ? undefined : { number, text };
  };
  for await (const chunk of source) {
    const decoded = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = decoded.indexOf('\n'); end >= 0; end = decoded.indexOf('\n', start)) {
      add(decoded.slice(start, end));
      start = end + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
    add(decoded.slice(start));
  }
  add(decoder.decode());
  const last = take();
  if (last !== undefined) yield last;
}
