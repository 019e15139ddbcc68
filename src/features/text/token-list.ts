import type { Encoding } from './tokenizer.ts';

/** Tokens with their places, as they are found; grows as needed. */
export class TokenList {
  /** Three numbers a token: id, start, end. */
  readonly #numbers: number[] = [];

  get length(): number {
    return this.#numbers.length / 3;
  }

  /** Adds a token without the spaces at the edges of its place in `text`. */
  pushTrimmed(id: number, start: number, end: number, text: string): void {
    let from = start;
    let to = end;
    while (from < to && text.charCodeAt(from) === 32) from++;
    while (to > from && text.charCodeAt(to - 1) === 32) to--;
    this.#numbers.push(id, from, to);
  }

  /** Adds the tokens of another list, moved by `offset`, as long as this one has fewer than `limit`. */
  append(other: TokenList, offset: number, limit: number): void {
    const count = Math.min(other.length, limit - this.length);
    for (let i = 0; i < count * 3; i += 3) {
      this.#numbers.push(
        other.#numbers[i]!,
        other.#numbers[i + 1]! + offset,
        other.#numbers[i + 2]! + offset,
      );
    }
  }

  encoding(): Encoding {
    const column = (which: number) => {
      const values = new Int32Array(this.length);
      for (let i = 0; i < values.length; i++) values[i] = this.#numbers[3 * i + which]!;
      return values;
    };
    return { ids: column(0), starts: column(1), ends: column(2) };
  }
}
