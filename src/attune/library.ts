/** The library's own forms of training and opening a model: options instead of a command line. */
import { silent } from '../base/progress.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import { readBundle } from '../prediction/bundle.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import type { Precision } from '../prediction/precision.ts';
import type { Predictor } from '../prediction/prediction.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { SharedBase } from '../prediction/shared-base.ts';
import { type EventOptions, openEvents, withBehaviour } from './behaviour.ts';
import { loadConfig } from './load-config.ts';
import { train as trainWith } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainResult } from './train-result.ts';

export type LibraryTrainOptions = Omit<TrainOptions, 'config'> & {
  /** Data files; they replace `data.path` of the config file. */
  readonly files?: readonly string[];
  /** An attune.yaml; what it does not say, or all where there is none, is inferred from the data. */
  readonly configFile?: string;
  /** Config values by path, which come before the file's: `{ 'training.epochs': 3 }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

/**
 * Trains a model and writes it to the folder `out`.
 * @throws AttuneError config/invalid, config/missing, catalog/..., models/..., training/..., prediction/...
 */
export async function train({
  files = [],
  configFile,
  settings = {},
  ...options
}: LibraryTrainOptions): Promise<TrainResult> {
  const { config } = await loadConfig({
    files,
    settings: Object.entries(settings).map(([path, value]) => `${path}=${JSON.stringify(value)}`),
    ...(configFile === undefined ? {} : { configFile }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  return trainWith({ ...options, config });
}

export type OpenBundleOptions = {
  /** `int8` is quicker and nearly as exact; fp32 when left out. */
  readonly precision?: Precision;
  /** Processor threads; one a core when left out. */
  readonly threads?: number;
  /**
   * Whether predictions run in threads of their own, each with a copy of the model: for a program that must answer
   * others meanwhile, and for calling `predict` on several lists at once. The caller's thread is blocked otherwise.
   */
  readonly background?: boolean;
  /** An event log, read once here: products are found in it by their ids. Without one they are predicted without their behaviour. */
  readonly behaviour?: EventOptions;
};

/**
 * A trained model in memory, ready to predict; close it to free what it holds.
 * @throws AttuneError prediction/bundle-missing, prediction/bundle-invalid, prediction/bad-option, catalog/...
 */
export async function openBundle(
  folder: string,
  { background = false, behaviour = {}, ...options }: OpenBundleOptions = {},
): Promise<Predictor & { close(): Promise<void> }> {
  const bundle = await readBundle(folder);
  const log = await openEvents(bundle, behaviour);
  try {
    const predictor = await (background
      ? PredictorPool.open(bundle, options)
      : BundlePredictor.open(bundle, options));
    return log ? withBehaviour(predictor, log) : predictor;
  } catch (cause) {
    log?.close();
    throw cause;
  }
}

export type OpenBase = {
  /**
   * A model with an adapter over this base, in the caller's thread. It takes memory for what is its own: the adapter, the heads, the wide part. Any
   * number can be open at once; close one to make room for another.
   * @throws AttuneError prediction/not-over-base, and what `openBundle` throws
   */
  openBundle(
    folder: string,
    options?: Pick<OpenBundleOptions, 'threads' | 'behaviour'>,
  ): Promise<Predictor & { close(): Promise<void> }>;
};

/**
 * A pretrained text encoder in memory once, for all the models that were trained with `model.adapter` from it, such as one for each
 * merchant. Their answers are those that `openBundle` gives, to rounding.
 * @param model - the folder or hub name of the checkpoint, as `model.text` had it
 * @throws AttuneError models/...
 */
export async function openBase(model: string): Promise<OpenBase> {
  const base = await SharedBase.open(await resolveModel(model, { reads: 'text', progress: silent }));
  return {
    openBundle: async (folder, { behaviour = {}, ...options } = {}) => {
      const bundle = await readBundle(folder);
      const log = await openEvents(bundle, behaviour);
      try {
        const predictor = await BundlePredictor.open(bundle, { ...options, base });
        return log ? withBehaviour(predictor, log) : predictor;
      } catch (cause) {
        log?.close();
        throw cause;
      }
    },
  };
}
