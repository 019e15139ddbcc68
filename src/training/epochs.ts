/**
 * Epochs of steps that are saved as they go: a run is a function of its seed, and a killed one, resumed, ends as it would have
 * ended. The weights of the epoch with the best dev score are kept, and `patience` epochs without a better one end it.
 */
import type { State } from '../graph/state.ts';
import type { TrainingConfig } from './config.ts';
import type { EpochRecord, RunFolder, RunPosition } from './run-folder.ts';
import { scheduleFactor } from './schedules.ts';

export type EpochParts<T> = {
  /** Holds all that is trained; saved and restored. */
  readonly state: State;
  readonly config: Pick<TrainingConfig, 'schedule' | 'warmup' | 'patience' | 'saveEverySteps'>;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** At its peak. */
  readonly learningRate: number;
  /** Parameters that are kept of the best epoch. */
  readonly names: readonly string[];
  /** Where the run is saved as it goes. */
  readonly folder: string;
  /** Names the data, the config and the model. */
  readonly fingerprint: string;
  readonly resume: boolean;
} & EpochWatcher &
  EpochWork<T>;

/** Who trains what. */
export type EpochWork<T> = {
  /** The steps' examples of an epoch, the same whenever they are asked for. */
  batches(epoch: number): AsyncIterable<readonly T[]>;
  /** One step. @returns its loss */
  train(batch: readonly T[], learningRate: number, step: number): Promise<number>;
  /** Scores the model after an epoch; higher is better, undefined where there are no dev products. */
  evaluate(): Promise<{ readonly score: number; readonly results: unknown } | undefined>;
};

/** Whom a run tells how it goes. */
export type EpochWatcher = {
  onStart?(stepsDone: number): Promise<void>;
  onStep?(step: { readonly epoch: number; readonly step: number; readonly loss: number }): void;
  onEpoch?(record: EpochRecord): void;
  /** Asked after each step; true saves the run and stops it. */
  stopRequested?(): boolean;
};

export type EpochOutcome = {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  /** False when the run was asked to stop; its folder says where it is. */
  readonly finished: boolean;
};

export async function runEpochs<T>(
  folder: RunFolder,
  start: RunPosition,
  parts: EpochParts<T>,
): Promise<EpochOutcome> {
  const { config, state, epochs } = parts;
  const totalSteps = parts.stepsPerEpoch * epochs;
  const schedule = { kind: config.schedule, warmupSteps: Math.round(config.warmup * totalSteps), totalSteps };
  let position = start;
  const ended = ({ history, best }: RunPosition) => ({ history, bestEpoch: best?.epoch ?? 0 });
  await parts.onStart?.(position.step);
  while (position.epoch < epochs && !exhausted(position, config.patience)) {
    let stepInEpoch = 0;
    for await (const batch of parts.batches(position.epoch)) {
      stepInEpoch++;
      if (stepInEpoch <= position.stepInEpoch) continue;
      const step = position.step + 1;
      const rate = parts.learningRate * scheduleFactor(schedule, position.step);
      const loss = await parts.train(batch, rate, step);
      const { lossSum, lossCount } = position;
      position = { ...position, step, stepInEpoch, lossSum: lossSum + loss, lossCount: lossCount + 1 };
      parts.onStep?.({ epoch: position.epoch, step, loss });
      // Signals and timers get their turn: a run of the runtime blocks the event loop.
      await new Promise(setImmediate);
      if (parts.stopRequested?.()) {
        await folder.save(position, state);
        return { weights: new Map(), ...ended(position), finished: false };
      }
      if (step % config.saveEverySteps === 0) await folder.save(position, state);
    }
    position = await endEpoch(folder, position, parts);
    parts.onEpoch?.(position.history.at(-1)!);
  }
  return { weights: await folder.loadBest(position.best!.epoch), ...ended(position), finished: true };
}

/** The position of the last save of a run that is to go on; else that of one which begins. */
export async function openRun(
  folder: RunFolder,
  { resume, fingerprint, state }: Pick<EpochParts<unknown>, 'resume' | 'fingerprint' | 'state'>,
): Promise<RunPosition> {
  if (!resume) await folder.remove();
  const saved = await folder.load(fingerprint, state);
  if (saved) return saved;
  const none = { epoch: 0, stepInEpoch: 0, step: 0, lossSum: 0, lossCount: 0 };
  return { fingerprint, ...none, unseenDecay: 1, history: [], best: undefined };
}

async function endEpoch<T>(
  folder: RunFolder,
  position: RunPosition,
  parts: EpochParts<T>,
): Promise<RunPosition> {
  const { state, names } = parts;
  const evaluation = await parts.evaluate();
  const epoch = position.epoch + 1;
  const record: EpochRecord = {
    epoch,
    trainLoss: position.lossSum / Math.max(1, position.lossCount),
    devScore: evaluation?.score,
    devResults: evaluation?.results,
  };
  const better =
    evaluation === undefined || position.best === undefined || evaluation.score > position.best.score;
  if (better) await folder.saveBest(epoch, state, new Map(names.map((name) => [name, name])));
  const next: RunPosition = {
    ...position,
    epoch,
    stepInEpoch: 0,
    lossSum: 0,
    lossCount: 0,
    history: [...position.history, record],
    best: better ? { epoch, score: evaluation?.score ?? 0 } : position.best,
  };
  await folder.save(next, state);
  return next;
}

function exhausted({ epoch, best }: RunPosition, patience: number): boolean {
  return best !== undefined && epoch - best.epoch >= patience;
}
