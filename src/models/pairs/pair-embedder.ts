/** Vectors of texts and of pictures in their common space, with the parameters that a state has at the moment. */
import type { Picture } from '../../features/image/picture.ts';
import type { ImageProcessor } from '../../features/image/processor.ts';
import { Session, type Values } from '../../graph/session.ts';
import type { State } from '../../graph/state.ts';
import type { PairEncoder } from '../architectures/encoder.ts';
import { noDropout } from '../layers/dropout.ts';
import { pictureArrays, textArrays } from './pair-batch.ts';
import { pairGraph } from './pair-graph.ts';

export type PairEmbedderOptions = {
  readonly processor: ImageProcessor;
  /** Id of the padding token. */
  readonly pad: number;
  readonly threads: number | undefined;
};

/** Rows computed at once. */
const AT_ONCE = 32;

export class PairEmbedder {
  readonly #state: State;
  readonly #size: number;
  readonly #options: PairEmbedderOptions;
  readonly #texts: Session;
  readonly #pictures: Session;

  private constructor(
    state: State,
    size: number,
    options: PairEmbedderOptions,
    texts: Session,
    pictures: Session,
  ) {
    this.#state = state;
    this.#size = size;
    this.#options = options;
    this.#texts = texts;
    this.#pictures = pictures;
  }

  /** @param state - holds the encoder's parameters; what it holds later is what later calls compute with */
  static async open(encoder: PairEncoder, state: State, options: PairEmbedderOptions): Promise<PairEmbedder> {
    const { texts, pictures } = pairGraph(encoder, noDropout);
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    return new PairEmbedder(
      state,
      encoder.size,
      options,
      await Session.create({ vectors: texts }, threads),
      await Session.create({ vectors: pictures }, threads),
    );
  }

  /** Unit vectors, `[texts, size]`. @param texts - token ids of each, special ones included */
  embedTexts(texts: readonly Int32Array[]): Promise<Float32Array> {
    return this.#run(this.#texts, texts, (some) => textArrays(some, this.#options.pad));
  }

  /** Unit vectors, `[pictures, size]`. @param pictures - shaped by the processor */
  embedPictures(pictures: readonly Picture[]): Promise<Float32Array> {
    return this.#run(this.#pictures, pictures, (some) => pictureArrays(some, this.#options.processor));
  }

  async close(): Promise<void> {
    await this.#texts.close();
    await this.#pictures.close();
  }

  async #run<T>(session: Session, items: readonly T[], arrays: (some: readonly T[]) => Values) {
    const vectors = new Float32Array(items.length * this.#size);
    for (let from = 0; from < items.length; from += AT_ONCE) {
      const result = await this.#state.run(session, arrays(items.slice(from, from + AT_ONCE)));
      vectors.set(result.vectors!.data as Float32Array, from * this.#size);
    }
    return vectors;
  }
}
