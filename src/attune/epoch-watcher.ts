/** Tells of a run of epochs as it goes: progress, and charts for TensorBoard beside the run. */
import { silent } from '../base/progress.ts';
import type { EpochWatcher } from '../training/epochs.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { EventFile } from '../training/tensorboard/event-file.ts';
import { openCharts } from './charts.ts';
import { eventsFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';

type Told = Pick<TrainOptions, 'out' | 'resume' | 'progress' | 'onEpoch' | 'stopRequested'>;

export type WatchedRun = {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** What an epoch is called: "Epoch". */
  readonly name: string;
  /** What the charts show after an epoch beside its loss: figure by name. */
  figures(record: EpochRecord): Readonly<Record<string, number>>;
};

/** Close it when the run has ended. */
export function epochWatcher(
  options: Told,
  { epochs, stepsPerEpoch, name, figures }: WatchedRun,
): EpochWatcher & { close(): Promise<void> } {
  const progress = options.progress ?? silent;
  let current = -1;
  let charts: EventFile | undefined;
  return {
    onStart: async (done) => {
      charts = await openCharts(eventsFolder(runFolder(options.out)), done);
      if (!options.resume) return;
      const text =
        done > 0 ? `Going on after step ${done}.` : 'There is no run to go on with; it begins anew.';
      progress({ kind: 'message', text });
    },
    onStep: ({ epoch, step, loss }) => {
      if (epoch !== current)
        progress({ kind: 'stage', stage: `${name} ${epoch + 1} of ${epochs}`, total: stepsPerEpoch });
      current = epoch;
      progress({ kind: 'advance', done: step - epoch * stepsPerEpoch, note: `loss ${loss.toFixed(3)}` });
      charts!.scalar('train/loss', loss, step);
    },
    onEpoch: (record) => {
      const at = record.epoch * stepsPerEpoch;
      charts!.scalar('epoch/train_loss', record.trainLoss, at);
      for (const [tag, value] of Object.entries(figures(record))) charts!.scalar(tag, value, at);
      // A chart that cannot be written is told at the end; the run goes on.
      charts!.flush().catch(() => {});
      options.onEpoch?.(record);
    },
    ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    close: async () => charts?.close(),
  };
}
