/** Trains the decoder of free texts, after the attribute model; its run is saved as it goes. */
import { join } from 'node:path';
import { silent } from '../base/progress.ts';
import { hashString } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Product } from '../catalog/product.ts';
import { evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import { DEFAULT_DECODE } from '../models/attribute/decode.ts';
import { devPart } from '../prediction/assess.ts';
import { collectAnswers, toAnswers } from '../prediction/collect.ts';
import type { DecoderPart } from '../prediction/decoder-part.ts';
import type { EpochOutcome } from '../training/epochs.ts';
import type { LabelReader, ReadableAttribute } from '../training/labelled.ts';
import { type TextJudge, textExamples, trainTexts } from '../training/recipes/generate-texts.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { EventFile } from '../training/tensorboard/event-file.ts';
import type { TrainingOutcome } from '../training/train-attributes.ts';
import { openCharts } from './charts.ts';
import type { AttuneConfig } from './config.ts';
import type { Prepared } from './prepare.ts';
import { decoderState, type PreparedDecoder } from './prepare-decoder.ts';
import { eventsFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';

export type TrainedDecoder = {
  readonly outcome: EpochOutcome;
  readonly part: DecoderPart;
};

/** What an epoch says of one attribute on the dev products. */
export type TextScores = {
  readonly attribute: string;
  /** Of a token of the true texts, natural logarithm. */
  readonly loss: number;
  readonly chrF: number;
  /** Share of the texts that are the true ones. */
  readonly exact: number;
};

/** Texts of an attribute that are written after an epoch at most; the loss is of these as well. */
const MOST_JUDGED = 100;
/** What the decoder is called beside the attribute model of its run. */
export const WRITING = 'Writing';
/** Beside the run, which a fresh start clears. */
export const decoderFolder = (out: string) => `${runFolder(out)}.decoder`;

/** @param run - folder of the attribute model's run, whose charts the decoder's stand beside */
export async function trainDecoder(
  options: TrainOptions,
  catalog: Catalog,
  prepared: Prepared,
  decoder: PreparedDecoder,
  fingerprint: string,
  run: string,
): Promise<TrainedDecoder> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  const { prompts, spec, tokenizerFiles } = decoder;
  const { training } = config;
  const reader = prepared.reader.only(({ schema }) => schema.kind === 'generate');
  const judged = await judgedProducts(catalog, reader, decoder, training.seed);
  const epochs = training.decoderEpochs ?? training.epochs;
  const stepsPerEpoch = Math.ceil(decoder.texts / training.batchSize);
  let epoch = -1;
  let events: EventFile | undefined;
  try {
    const outcome = await trainTexts({
      state: await decoderState(decoder, training.seed),
      prompts,
      reader,
      catalog,
      texts: decoder.texts,
      config: training,
      learningRate: decoder.weights ? training.learningRate : training.headLearningRate,
      folder: decoderFolder(out),
      fingerprint,
      resume: options.resume ?? false,
      evaluate: (judge) => textScores(judge, prepared, decoder, judged, config),
      onStart: async (done) => {
        if (done > 0) progress({ kind: 'message', text: `The decoder of texts goes on after step ${done}.` });
        events = await openCharts(join(eventsFolder(run), 'decoder'), done);
      },
      onStep: (step) => {
        if (step.epoch !== epoch)
          progress({
            kind: 'stage',
            stage: `Learning to write, epoch ${step.epoch + 1} of ${epochs}`,
            total: stepsPerEpoch,
          });
        epoch = step.epoch;
        progress({
          kind: 'advance',
          done: step.step - step.epoch * stepsPerEpoch,
          note: `loss ${step.loss.toFixed(3)}`,
        });
        options.onStep?.({ model: WRITING, epoch: step.epoch, step: step.step, loss: step.loss });
        events!.scalar('decoder/loss', step.loss, step.step);
      },
      onEpoch: (record) => {
        const at = record.epoch * stepsPerEpoch;
        events!.scalar('decoder/epoch_loss', record.trainLoss, at);
        for (const { attribute, loss, chrF } of (record.devResults ?? []) as readonly TextScores[]) {
          events!.scalar(`decoder/dev_loss/${attribute}`, loss, at);
          events!.scalar(`decoder/dev_chrF/${attribute}`, chrF, at);
        }
        // A chart that cannot be written is told at the end; the run goes on.
        events!.flush().catch(() => {});
        progress({ kind: 'message', text: textEpochLine(record) });
        options.onTextEpoch?.(record);
      },
      ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    });
    return { outcome, part: { spec, tokenizerFiles, weights: outcome.weights } };
  } finally {
    await events?.close();
  }
}

/** For the report. */
export function decoderFacts({ decoder }: Prepared, written: TrainedDecoder | undefined) {
  if (decoder === undefined || written === undefined) return [];
  const { bestEpoch, history } = written.outcome;
  return [
    { label: 'Decoder', value: decoder.description },
    { label: "Decoder's best epoch", value: `${bestEpoch} of ${history.length}` },
  ];
}

type Learned = Pick<TrainingOutcome, 'bestEpoch' | 'history'>;

/** The attribute model's epochs; the decoder's where that is all there is. */
export function learnedOf(outcome: Learned, written: TrainedDecoder | undefined): Learned {
  return outcome.history.length === 0 && written ? written.outcome : outcome;
}

/** For the report. */
export function trainingCurve(outcome: Learned, written: TrainedDecoder | undefined) {
  const { bestEpoch, history } = learnedOf(outcome, written);
  return {
    devMetric: history === outcome.history ? 'mean F1' : 'mean chrF',
    bestEpoch,
    epochs: history.map(({ epoch, trainLoss, devScore }) => ({
      epoch,
      trainLoss,
      devLoss: undefined,
      devMetric: devScore,
    })),
  };
}

/** "Writing, epoch 2: train loss 0.4312, dev chrF 81.20 (title: loss 0.51, exact 40.0)". */
function textEpochLine({ epoch, trainLoss, devScore, devResults }: EpochRecord): string {
  const each = ((devResults ?? []) as readonly TextScores[]).map(
    ({ attribute, loss, chrF, exact }) =>
      `${attribute}: loss ${loss.toFixed(3)}, chrF ${(100 * chrF).toFixed(1)}, exact ${(100 * exact).toFixed(1)}`,
  );
  const dev = devScore === undefined ? '' : `, dev chrF ${(100 * devScore).toFixed(2)} (${each.join('; ')})`;
  return `Writing, epoch ${epoch}: train loss ${trainLoss.toFixed(4)}${dev}`;
}

type Judged = { readonly attribute: string; readonly products: readonly Product[] };

/** Dev products that choose the epoch, a sample by hash of their id where there are many. */
async function judgedProducts(
  catalog: Catalog,
  reader: LabelReader,
  { spec }: PreparedDecoder,
  seed: number,
): Promise<readonly Judged[]> {
  const kept = spec.attributes.map(({ attribute }) => ({
    attribute,
    rows: [] as { readonly product: Product; readonly at: number }[],
  }));
  for await (const chunk of catalog.products({ sides: ['dev'] })) {
    for (const product of chunk) {
      if (devPart(product, seed) !== 'stop') continue;
      const { labels } = reader.read(product);
      for (const { attribute, rows } of kept) {
        if (!(attribute in labels)) continue;
        rows.push({ product, at: hashString(product.id, seed ^ 0x6e4) });
        if (rows.length > 2 * MOST_JUDGED) keepLowest(rows);
      }
    }
  }
  return kept.map(({ attribute, rows }) => {
    keepLowest(rows);
    return { attribute, products: rows.map(({ product }) => product) };
  });
}

function keepLowest(rows: { readonly at: number }[]): void {
  rows.sort((a, b) => a.at - b.at);
  rows.length = Math.min(rows.length, MOST_JUDGED);
}

/** The mean chrF of what is written greedily; beside it the loss, and how often a text is the true one. */
async function textScores(
  judge: TextJudge,
  { survey, reader }: Prepared,
  { prompts }: PreparedDecoder,
  judged: readonly Judged[],
  config: AttuneConfig,
) {
  const { seed } = config.training;
  const results: TextScores[] = [];
  for (const { attribute, products } of judged) {
    if (products.length === 0) continue;
    const isOwn = ({ schema }: ReadableAttribute) => schema.name === attribute;
    const own = reader.only(isOwn);
    const examples = products.flatMap((product) => textExamples(prompts, own.read(product)));
    const [rows] = await collectAnswers(
      {
        given: judge.writer.given,
        answer: (products, _options, _onProblems, wanted) =>
          judge.writer.write(products, { beams: 1, ...(wanted ? { wanted } : {}) }),
      },
      own,
      survey.attributes.filter(isOwn),
      once(products),
      DEFAULT_DECODE,
    );
    const { result } = evaluateAttribute(toAnswers(rows!), { seed, resamples: 1 });
    results.push({
      attribute,
      loss: await judge.loss(examples),
      chrF: result.chrF ?? 0,
      exact: result.accuracy ?? 0,
    });
  }
  if (results.length === 0) return undefined;
  return { score: results.reduce((sum, { chrF }) => sum + chrF, 0) / results.length, results };
}

async function* once<T>(item: T): AsyncGenerator<T> {
  yield item;
}
