/** One member of an ensemble (or the only model): from first weights through pretraining and epochs to the best weights. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import { DEFAULT_DECODE } from '../models/attribute/decode.ts';
import type { AttributeRunner } from '../models/attribute/runner.ts';
import { devPart } from '../prediction/assess.ts';
import { collectAnswers, toAnswers } from '../prediction/collect.ts';
import type { ReadableAttribute } from '../training/labelled.ts';
import { trainMaskedLanguage } from '../training/recipes/masked-language.ts';
import type { EventFile } from '../training/tensorboard/event-file.ts';
import { type TrainingOutcome, trainAttributes } from '../training/train-attributes.ts';
import { openCharts } from './charts.ts';
import type { AttuneConfig } from './config.ts';
import type { Prepared } from './prepare.ts';
import { initialState } from './start.ts';
import type { TrainOptions } from './train-options.ts';
import { warmStart } from './warm-start.ts';

/** Where a model's run is saved as it goes, and what it is called beside others of the same run. */
export type MemberRun = {
  readonly folder: string;
  /** Undefined where it is the only one. */
  readonly title: string | undefined;
  /** Whether it is the first of the run; a resumed run need not have come to the others. */
  readonly first: boolean;
};

/** Trains one member of the ensemble; its run is saved as it goes. */
export async function trainMember(
  options: TrainOptions,
  catalog: Catalog,
  prepared: Prepared,
  fingerprint: string,
  member: number,
  run: MemberRun = memberRun(options, member),
): Promise<TrainingOutcome> {
  const { config } = options;
  const { folder } = run;
  const title = run.title === undefined ? '' : `${run.title}, `;
  const training = { ...config.training, seed: config.training.seed + member * MEMBER_SEEDS };
  const progress = options.progress ?? silent;
  const { spec, survey, start, others, encoder, batches, media, text } = prepared;
  const reader = prepared.reader.only(isEncoded);
  const warm = options.continueFrom && (await warmStart(options.continueFrom, member));
  const state = await initialState(spec, start, training.seed, others.weights, warm);
  // Where all attributes are written, the encoder has nothing to learn and stays as it is.
  if (survey.attributes.every((attribute) => !isEncoded(attribute))) {
    await rm(folder, { recursive: true, force: true });
    const weights = new Map(state.names.map((name) => [name, state.read(name)]));
    return { weights, history: [], bestEpoch: 0, unseenDecay: 1, finished: true };
  }
  if (training.pretrainEpochs > 0) {
    progress({
      kind: 'stage',
      stage: `${title}Learning the texts`,
      total: Math.ceil(survey.products / training.batchSize) * training.pretrainEpochs,
    });
    const learned = await trainMaskedLanguage({
      spec,
      state,
      encoder,
      special: start.tokenizer.special,
      catalog,
      fields: prepared.fields,
      products: survey.products,
      config: training,
      folder: pretrainedFolder(folder),
      fingerprint,
      resume: options.resume ?? false,
      onStep: ({ step, loss }) => progress({ kind: 'advance', done: step, note: `loss ${loss.toFixed(3)}` }),
      ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    });
    if (!learned) return { weights: new Map(), history: [], bestEpoch: 0, unseenDecay: 1, finished: false };
  }
  let events: EventFile | undefined;
  let epoch = -1;
  const stepsPerEpoch = Math.ceil(survey.labelledProducts / config.training.batchSize);
  try {
    return await trainAttributes({
      spec,
      state,
      encoder,
      batches,
      loadMedia: media?.load,
      loadText: text?.load,
      reader,
      catalog,
      labelledProducts: survey.labelledProducts,
      config: training,
      model: config.model,
      folder,
      fingerprint,
      resume: options.resume ?? false,
      evaluate: (runner) => devScore(runner, catalog, prepared, config),
      onStart: async (done) => {
        if (options.resume && (done > 0 || run.first))
          progress({
            kind: 'message',
            text:
              done > 0
                ? `${title}${title === '' ? 'Going' : 'going'} on after step ${done}.`
                : `There is no run to go on with in ${folder}; it begins anew.`,
          });
        events = await openCharts(eventsFolder(folder), done);
      },
      onStep: (step) => {
        if (step.epoch !== epoch)
          progress({
            kind: 'stage',
            stage: `${title}Epoch ${step.epoch + 1} of ${config.training.epochs}`,
            total: stepsPerEpoch,
          });
        epoch = step.epoch;
        progress({
          kind: 'advance',
          done: step.step - step.epoch * stepsPerEpoch,
          note: `loss ${step.loss.toFixed(3)}`,
        });
        options.onStep?.({ ...step, ...(run.title === undefined ? {} : { model: run.title }) });
        events!.scalar('train/loss', step.loss, step.step);
        events!.scalar('train/learning_rate', step.learningRate, step.step);
      },
      onEpoch: (record) => {
        const at = record.epoch * stepsPerEpoch;
        events!.scalar('epoch/train_loss', record.trainLoss, at);
        if (record.devScore !== undefined) events!.scalar('dev/score', record.devScore, at);
        for (const { attribute, microF1, r2, kind } of (record.devResults ?? []) as AttributeResult[])
          events!.scalar(`dev/${attribute}`, (kind === 'number' ? r2 : microF1) ?? Number.NaN, at);
        // A chart that cannot be written is told at the end; the run goes on.
        events!.flush().catch(() => {});
        options.onEpoch?.(record, run.title);
      },
      ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    });
  } finally {
    await events?.close();
  }
}

/** What the attribute model learns; texts that are written are the decoder's. */
const isEncoded = ({ schema }: ReadableAttribute) => schema.kind !== 'generate';

/** Folder of a run, beside its bundle. */
export const runFolder = (out: string) => `${out}.run`;
/** Each member of an ensemble is a run of its own; the first one's folder holds the others'. */
export const memberFolder = (out: string, member: number) =>
  member === 0 ? runFolder(out) : join(runFolder(out), `member-${member}`);
const memberRun = ({ out, config: { training } }: TrainOptions, member: number): MemberRun => ({
  folder: memberFolder(out, member),
  title: training.ensemble === 1 ? undefined : `Model ${member + 1} of ${training.ensemble}`,
  first: member === 0,
});
/** Beside the run, which a fresh start clears. */
export const pretrainedFolder = (folder: string) => `${folder}.pretrained`;
/** Pictures and sounds in the shape that the model reads; kept until the run is finished. */
export const mediaFolder = (out: string) => `${out}.media`;
export const eventsFolder = (folder: string) => join(folder, 'events');
/** Members' seeds lie this far apart, so that neighbouring seeds of the config share no member. */
const MEMBER_SEEDS = 0x1_0001;

/** The mean over attributes of micro F1 (of R2, at least 0, for numbers) on the dev products that choose the epoch. */
async function devScore(
  runner: AttributeRunner,
  catalog: Catalog,
  { survey, reader }: Prepared,
  config: AttuneConfig,
) {
  const { seed } = config.training;
  const collected = await collectAnswers(
    runner,
    reader.only(isEncoded),
    survey.attributes.filter(isEncoded),
    catalog.products({ sides: ['dev'] }),
    DEFAULT_DECODE,
    (product) => devPart(product, seed) === 'stop',
  );
  const results = collected
    .filter(({ truth }) => truth.length > 0)
    .map((rows) => evaluateAttribute(toAnswers(rows), { seed, resamples: 1 }).result);
  if (results.length === 0) return undefined;
  const scores = results.map((result) =>
    result.kind === 'number' ? Math.max(0, result.r2 ?? 0) : (result.microF1 ?? 0),
  );
  return { score: scores.reduce((a, b) => a + b, 0) / scores.length, results };
}
