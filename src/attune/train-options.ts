/** What a training run is asked to do, and whom it tells how it goes. */
import type { Progress } from '../base/progress.ts';
import type { CompleteProducts } from '../catalog/catalog.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { AttuneConfig } from './config.ts';
import type { TrainPlan } from './plan.ts';

/** One step of the optimiser. */
export type TrainStep = {
  /** Which of several models of the run, as `onEpoch` names it. */
  readonly model?: string;
  /** From 0. */
  readonly epoch: number;
  /** From 1, over all epochs. */
  readonly step: number;
  readonly loss: number;
};

export type TrainOptions = {
  readonly config: AttuneConfig;
  /** Folder of the bundle. */
  readonly out: string;
  /** A trained model, whose weights are the first ones; parts that are new start as in any run. */
  readonly continueFrom?: ReadBundle;
  /** Changes what products say before anything reads them, such as by what people said of them. */
  readonly complete?: CompleteProducts;
  /** Further texts of the bundle, by file name. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Goes on with the run that was stopped or killed. */
  readonly resume?: boolean;
  /** Drops what such a run has saved; without either, a run that was saved is an error. */
  readonly anew?: boolean;
  readonly progress?: Progress;
  /** What the run will do, once that is known and before anything is trained. */
  onPlan?(plan: TrainPlan): void;
  onStep?(step: TrainStep): void;
  /** @param model - which of several models of the run, such as "Model 2 of 3"; left out where there is one */
  onEpoch?(record: EpochRecord, model?: string): void;
  /** An epoch of the decoder of free texts; its dev score is chrF. */
  onTextEpoch?(record: EpochRecord): void;
  stopRequested?(): boolean;
  /** The command that makes the figures again, for the report. */
  readonly command?: string;
  /** Folder whose pictures and sounds alone are read, beside addresses and bytes in the cells; any file when left out. */
  readonly mediaWithin?: string;
  /** Bytes that the run may take; what the system says is free when left out. */
  readonly availableMemory?: number;
};
