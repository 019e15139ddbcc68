/** Writes down what a training does, a line of JSON each, so that a program can follow it while it runs. */
import { createWriteStream, fstatSync, openSync } from 'node:fs';
import { AttuneError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { AttributeResult } from '../evaluation/attribute-result.ts';
import type { RunEvent, RunNews } from '../serving/training/run-event.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import { figuresOfBundle } from './figures-of-bundle.ts';
import { type TextScores, WRITING } from './train-decoder.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainResult } from './train-result.ts';

export type TrainLog = {
  /** What `train` is handed, so that it tells the log too. */
  readonly watch: Required<Pick<TrainOptions, 'onPlan' | 'onStep' | 'onEpoch' | 'onTextEpoch'>>;
  readonly progress: Progress;
  ended(result: TrainResult): void;
  failed(error: unknown): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
};

/**
 * Adds to a file that is there: a resumed run goes on in the log of the run.
 * @param trouble - told once, when the log cannot be written any more; the training goes on
 * @throws NodeJS.ErrnoException where the file cannot be written at all
 */
export async function openTrainLog(
  file: string,
  { resumed, trouble }: { readonly resumed: boolean; readonly trouble: (message: string) => void },
): Promise<TrainLog> {
  const fd = openSync(file, 'a');
  const stream = createWriteStream(file, { fd });
  // What a killed run has left may end within a line.
  if (fstatSync(fd).size > 0) stream.write('\n');
  let broken = false;
  stream.on('error', ({ message }) => {
    broken = true;
    trouble(message);
  });
  const write = (news: RunNews) => {
    const event = { at: new Date().toISOString(), ...news } as RunEvent;
    if (!broken) stream.write(`${JSON.stringify(event)}\n`);
  };
  write({ event: 'started', resumed });
  return {
    watch: {
      onPlan: ({ products, rejected, start, parameters, steps, decoder, memory, warnings }) =>
        write({
          event: 'plan',
          products,
          rejected,
          start,
          parameters: parameters + (decoder?.parameters ?? 0),
          steps: steps + (decoder?.steps ?? 0),
          memory,
          warnings: [...warnings],
        }),
      onStep: ({ model, step, loss }) =>
        write({ event: 'step', ...(model === undefined ? {} : { model }), step, loss }),
      onEpoch: (record, model) =>
        write({
          event: 'epoch',
          ...figuresOf(record, scoresOf((record.devResults ?? []) as readonly AttributeResult[])),
          ...(model === undefined ? {} : { model }),
        }),
      onTextEpoch: (record) => {
        const texts = (record.devResults ?? []) as readonly TextScores[];
        const scores = texts.map(({ attribute, chrF }) => [attribute, chrF] as const);
        write({ event: 'epoch', ...figuresOf(record, scores), model: WRITING });
      },
    },
    progress: (event) => {
      if (event.kind === 'stage') write({ event: 'stage', stage: event.stage });
      else if (event.kind !== 'advance') write({ event: event.kind, text: event.text });
    },
    ended: ({ finished, bestEpoch, results, gates }) => {
      if (!finished) return write({ event: 'stopped' });
      write({
        event: 'finished',
        bestEpoch,
        figures: [...figuresOfBundle({ metrics: { test: results, alone: [], thresholdMethod: '' } })],
        gates: gates.map(({ explanation, passed }) => ({ text: explanation, passed })),
      });
    },
    failed: (error) => {
      const known = error instanceof AttuneError ? error : undefined;
      write({
        event: 'failed',
        code: known?.code ?? 'unknown',
        message: error instanceof Error ? error.message : String(error),
        ...(known?.hint === undefined ? {} : { hint: known.hint }),
      });
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

function figuresOf(
  { epoch, trainLoss, devScore }: EpochRecord,
  scores: readonly (readonly [string, number])[],
) {
  return {
    epoch,
    trainLoss,
    ...(devScore === undefined ? {} : { devScore }),
    attributes: Object.fromEntries(scores),
  };
}

function scoresOf(results: readonly AttributeResult[]): readonly (readonly [string, number])[] {
  return results.flatMap(({ attribute, kind, r2, microF1 }) => {
    const score = kind === 'number' ? r2 : microF1;
    return score === undefined || Number.isNaN(score) ? [] : [[attribute, score] as const];
  });
}
