/**
 * A bundle behind threads that each hold a model of their own: one thread inside each model is quicker than several
 * in one, and the caller's own thread is free meanwhile. Answers are the same bits whichever thread gives them.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { availableMemory } from 'node:process';
import { attributeModelParameters } from '../models/attribute/attribute-model.ts';
import { isOnnxFile } from '../models/attribute/frozen.ts';
import { onnxFileName } from '../models/attribute/onnx-encoder.ts';
import { LEXICON_FILE, type ReadBundle, WIDE_FILE } from './bundle.ts';
import { BundleReads } from './bundle-reads.ts';
import { DECODER_FOLDER } from './decoder-part.ts';
import type { Precision } from './precision.ts';
import type { PredictOptions, Predictor, ProductInput, ProductPrediction } from './prediction.ts';
import { leastLoaded, Thread } from './thread.ts';

export type PredictorPoolOptions = {
  /** fp32 when left out. */
  readonly precision?: Precision;
  /** Processor threads in all; one a core when left out. */
  readonly threads?: number;
  /** Not more models than there is work for. */
  readonly mostModels?: number;
  /** One model more, with every thread inside it, where memory has room: what is asked alone is answered sooner. */
  readonly prompt?: boolean;
};

export type PredictWorkerData = {
  readonly folder: string;
  readonly precision: Precision;
  readonly threads: number;
};
export type PredictTask = { readonly products: readonly ProductInput[]; readonly options: PredictOptions };

type PredictThread = Thread<PredictTask, readonly ProductPrediction[]>;

export class PredictorPool extends BundleReads implements Predictor {
  readonly parallel: number;
  readonly #threads: readonly PredictThread[];
  readonly #lone: PredictThread | undefined;

  private constructor(
    bundle: ReadBundle,
    threads: readonly PredictThread[],
    lone: PredictThread | undefined,
  ) {
    super(bundle);
    this.parallel = threads.length;
    this.#threads = threads;
    this.#lone = lone;
  }

  /** @throws what opening a bundle throws; prediction/thread-failed */
  static async open(bundle: ReadBundle, options: PredictorPoolOptions = {}): Promise<PredictorPool> {
    const { precision = 'fp32', threads = availableParallelism(), mostModels = threads, prompt } = options;
    const room = modelsInMemory(bundle);
    const models = Math.max(1, Math.min(threads, mostModels, room));
    const start = (count: number, inside: number) =>
      Thread.start<PredictTask, readonly ProductPrediction[]>(
        count,
        new URL('./predict-worker.js', import.meta.url),
        { folder: bundle.folder, precision, threads: inside } satisfies PredictWorkerData,
      );
    const many = await start(models, Math.floor(threads / models));
    if (!prompt || models === 1 || room <= models) return new PredictorPool(bundle, many, undefined);
    try {
      return new PredictorPool(bundle, many, (await start(1, threads))[0]);
    } catch (cause) {
      await Promise.all(many.map((thread) => thread.close()));
      throw cause;
    }
  }

  /** The whole list in one thread; call it for several lists at once. */
  predict(
    products: readonly ProductInput[],
    options: PredictOptions = {},
  ): Promise<readonly ProductPrediction[]> {
    const idle = [...this.#threads, ...(this.#lone ? [this.#lone] : [])].every(({ load }) => load === 0);
    const thread = idle && products.length === 1 ? this.#lone : undefined;
    return (thread ?? leastLoaded(this.#threads)).do({ products, options });
  }

  /** Ends the threads; what they had not answered fails. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads, this.#lone].map((thread) => thread?.close()));
  }
}

/** The weights, beside them the runtime's own layout of them, and while a model is opened the bytes of its graph. */
const BYTES_PER_WEIGHT = 4 * 3;
/** What is read of the bundle's other files (lexicon, wide part, decoder, ONNX encoders) takes more room in memory than on disk. */
const BYTES_PER_FILE_BYTE = 4;
/** The rest is for what a run computes, and for others. */
const SHARE_OF_MEMORY = 0.5;

function modelsInMemory({ folder, file }: ReadBundle): number {
  const { model, members } = file;
  const weights = attributeModelParameters(model).reduce(
    (total, { shape }) => total + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const encoders = (model.media ?? []).filter(isOnnxFile).map(({ field }) => onnxFileName(field));
  const others = [LEXICON_FILE, WIDE_FILE, join(DECODER_FOLDER, 'model.safetensors'), ...encoders].reduce(
    (total, name) => total + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const bytes = BYTES_PER_WEIGHT * members * weights + BYTES_PER_FILE_BYTE * others;
  return Math.floor((SHARE_OF_MEMORY * availableMemory()) / bytes);
}
