import type { Limits } from './options.ts';
import { queueFull } from './queue-full.ts';
import type { TextEmbedder } from './text-embedder.ts';

/** Of an encoder that has not said yet how quick it is. */
const FIRST_MS_PER_TEXT = 5;

/**
 * Bounds what waits for an encoder of texts, in texts and in characters: a call that finds no room is refused at once. One that is larger
 * than all room is taken when nothing else waits: otherwise it never could be.
 *
 * It knows nothing of HTTP.
 */
export class TextQueue {
  readonly #embedder: Pick<TextEmbedder, 'embed'>;
  readonly #limits: Pick<Limits, 'maxQueued' | 'maxQueuedCharacters'>;
  #texts = 0;
  #characters = 0;
  /** Running mean, for Retry-After. */
  #msPerText = FIRST_MS_PER_TEXT;

  constructor(
    embedder: Pick<TextEmbedder, 'embed'>,
    limits: Pick<Limits, 'maxQueued' | 'maxQueuedCharacters'>,
  ) {
    this.#embedder = embedder;
    this.#limits = limits;
  }

  /**
   * Vectors in the order of the texts.
   * @param signal - aborted when nobody waits for the answer any more
   * @throws AttuneError `serving/queue-full` with `retryAfterSeconds` in its details
   */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (!this.#hasRoom(texts.length, characters))
      throw queueFull(
        `${this.#texts} texts wait already; there is no room for ${texts.length} more.`,
        (this.#texts * this.#msPerText) / 1000,
      );
    this.#texts += texts.length;
    this.#characters += characters;
    const ahead = this.#texts;
    const started = performance.now();
    try {
      const vectors = await this.#embedder.embed(texts, signal);
      this.#msPerText += 0.1 * ((performance.now() - started) / ahead - this.#msPerText);
      return vectors;
    } finally {
      this.#texts -= texts.length;
      this.#characters -= characters;
    }
  }

  #hasRoom(texts: number, characters: number): boolean {
    return (
      this.#texts === 0 ||
      (this.#texts + texts <= this.#limits.maxQueued &&
        this.#characters + characters <= this.#limits.maxQueuedCharacters)
    );
  }
}
