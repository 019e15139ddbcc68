/**
 * A text being changed on its way to tokens, with the place of every UTF-16 unit in the original text. However a
 * normaliser rewrites it, a token's offsets are those of its first and last unit.
 */
export type AlignedText = {
  readonly text: string;
  /** For each unit of `text`, where the character it came from starts in the original. */
  readonly starts: readonly number[];
  /** ... and where that character ends (exclusive). */
  readonly ends: readonly number[];
};

/** A text as it is, each character from its own place. */
export function aligned(text: string): AlignedText {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < text.length; ) {
    const size = unitsAt(text, i);
    for (let k = 0; k < size; k++) {
      starts.push(i);
      ends.push(i + size);
    }
    i += size;
  }
  return { text, starts, ends };
}

/** Units of the character at `index`: 2 for a whole surrogate pair, else 1 (half a pair is a character of its own). */
export function unitsAt(text: string, index: number): 1 | 2 {
  return text.codePointAt(index)! > 0xffff ? 2 : 1;
}

export function sliceAligned(input: AlignedText, from: number, to: number): AlignedText {
  if (from === 0 && to === input.text.length) return input;
  return {
    text: input.text.slice(from, to),
    starts: input.starts.slice(from, to),
    ends: input.ends.slice(from, to),
  };
}

/** Puts `text` before the input, which must not be empty; it takes the place of the input's first character. */
export function prependAligned(text: string, input: AlignedText): AlignedText {
  const repeated = (place: number) => new Array<number>(text.length).fill(place);
  return {
    text: text + input.text,
    starts: [...repeated(input.starts[0]!), ...input.starts],
    ends: [...repeated(input.ends[0]!), ...input.ends],
  };
}

/**
 * Rewrites a text character by character.
 * @param change - what a character becomes; an empty string drops it
 */
export function mapCharacters(input: AlignedText, change: (character: string) => string): AlignedText {
  const builder = new AlignedBuilder(input);
  for (let i = 0; i < input.text.length; ) {
    const size = unitsAt(input.text, i);
    builder.push(change(input.text.slice(i, i + size)), i, i + size - 1);
    i += size;
  }
  return builder.done();
}

/** Collects rewritten text with places taken from an input; lives as long as one rewriting. */
export class AlignedBuilder {
  readonly #input: AlignedText;
  #text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(input: AlignedText) {
    this.#input = input;
  }

  /** Adds `text`, which comes from the units `first` to `last` (inclusive) of the input. */
  push(text: string, first: number, last: number): void {
    this.#text += text;
    for (let k = 0; k < text.length; k++) {
      this.#starts.push(this.#input.starts[first]!);
      this.#ends.push(this.#input.ends[last]!);
    }
  }

  /**
   * Adds the characters of `text` for those of the input from unit `from` on, one for one; when there are more of them,
   * the rest come from the last of the input's, when fewer, the input's rest is skipped.
   * @param to - end (exclusive) of the replaced units
   */
  pushInOrder(text: string, from: number, to: number): void {
    let place = from;
    for (const character of text) {
      const size = unitsAt(this.#input.text, place);
      this.push(character, place, place + size - 1);
      if (place + size < to) place += size;
    }
  }

  done(): AlignedText {
    return { text: this.#text, starts: this.#starts, ends: this.#ends };
  }
}
