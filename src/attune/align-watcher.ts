/** Tells of an alignment as it goes: progress, and charts for TensorBoard beside the run. */
import { silent } from '../base/progress.ts';
import type { EpochWatcher } from '../training/epochs.ts';
import type { PairScores } from '../training/judge-pairs.ts';
import type { EventFile } from '../training/tensorboard/event-file.ts';
import { openCharts } from './charts.ts';
import { eventsFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';

type Told = Pick<TrainOptions, 'out' | 'resume' | 'progress' | 'onEpoch' | 'stopRequested'>;

/** Close it when the run has ended. */
export function alignWatcher(
  options: Told,
  stepsPerEpoch: number,
  epochs: number,
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
        progress({ kind: 'stage', stage: `Epoch ${epoch + 1} of ${epochs}`, total: stepsPerEpoch });
      current = epoch;
      progress({ kind: 'advance', done: step - epoch * stepsPerEpoch, note: `loss ${loss.toFixed(3)}` });
      charts!.scalar('train/loss', loss, step);
    },
    onEpoch: (record) => {
      const at = record.epoch * stepsPerEpoch;
      charts!.scalar('epoch/train_loss', record.trainLoss, at);
      if (record.devScore !== undefined) charts!.scalar('dev/score', record.devScore, at);
      const scores = record.devResults as PairScores | undefined;
      if (scores) {
        charts!.scalar('dev/recall@1/picture_to_text', scores.pictureToText[1], at);
        charts!.scalar('dev/recall@1/text_to_picture', scores.textToPicture[1], at);
      }
      // A chart that cannot be written is told at the end; the run goes on.
      charts!.flush().catch(() => {});
      options.onEpoch?.(record);
    },
    ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    close: async () => charts?.close(),
  };
}
