/** `attune train`: from a config to a bundle, with honest test figures. */
import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import { type Progress, silent } from '../base/progress.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { evaluateAttribute, overallScores } from '../evaluation/evaluate-attribute.ts';
import { checkGates, type GateOutcome } from '../evaluation/gates/check-gates.ts';
import { renderReport } from '../evaluation/report/render-report.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { DEFAULT_DECODE } from '../models/attribute/decode.ts';
import type { AttributeRunner } from '../models/attribute/runner.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import { type Assessment, assess, assessTrust, devPart, type Trust } from '../prediction/assess.ts';
import { readBundle, writeBundle } from '../prediction/bundle.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import { collectAnswers, toAnswers } from '../prediction/collect.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import { EventFile } from '../training/tensorboard/event-file.ts';
import { type TrainingOutcome, trainAttributes } from '../training/train-attributes.ts';
import type { AttuneConfig } from './config.ts';
import { modelCard } from './model-card.ts';
import type { TrainPlan } from './plan.ts';
import { fingerprintOf, type Prepared, prepare } from './prepare.ts';
import { initialState, wholeTable } from './start.ts';
import { VERSION } from './version.ts';

export type TrainOptions = {
  readonly config: AttuneConfig;
  /** Folder of the bundle. */
  readonly out: string;
  /** Goes on with the run that was stopped or killed. */
  readonly resume?: boolean;
  readonly progress?: Progress;
  /** What the run will do, once that is known and before anything is trained. */
  onPlan?(plan: TrainPlan): void;
  onEpoch?(record: EpochRecord): void;
  stopRequested?(): boolean;
  /** The command that makes the figures again, for the report. */
  readonly command?: string;
};

export type TrainResult = {
  /** False when the run was asked to stop; train again with `resume`. */
  readonly finished: boolean;
  readonly out: string;
  readonly bestEpoch: number;
  readonly history: readonly EpochRecord[];
  readonly results: readonly AttributeResult[];
  readonly overall: ReturnType<typeof overallScores> | undefined;
  readonly gates: readonly GateOutcome[];
  readonly rejects: string | undefined;
};

/**
 * Trains a model and writes its bundle to `out`.
 *
 * While it runs, `<out>.run` holds what a killed run goes on from; it is removed at the end.
 * @throws catalog/..., models/..., training/...
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  const folder =
    config.model.text === 'small' ? undefined : await resolveModel(config.model.text, { progress });
  progress({ kind: 'stage', stage: 'Reading the catalog', total: undefined });
  const catalog = await openCatalog({ ...specOfConfig(config), progress });
  try {
    progress({ kind: 'stage', stage: 'Counting labels, learning words', total: undefined });
    const prepared = await prepare(catalog, config, folder);
    const fingerprint = await fingerprintOf(catalog, config, prepared.start);
    const rejects = await writeRejects(catalog, out);
    options.onPlan?.(planOf(catalog, config, prepared));
    const outcome = await run(options, catalog, prepared, fingerprint);
    if (!outcome.finished)
      return {
        finished: false,
        out,
        bestEpoch: outcome.bestEpoch,
        history: outcome.history,
        results: [],
        overall: undefined,
        gates: [],
        rejects,
      };
    return await finish(options, catalog, prepared, fingerprint, outcome, rejects);
  } finally {
    catalog.close();
  }
}

async function run(
  options: TrainOptions,
  catalog: Catalog,
  prepared: Prepared,
  fingerprint: string,
): Promise<TrainingOutcome> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  const { spec, survey, start, encoder, batches, reader } = prepared;
  const state = await initialState(spec, start, config.training.seed);
  const events = await EventFile.create(`${out}.run/events`, { now: Date.now });
  let epoch = -1;
  const stepsPerEpoch = Math.ceil(survey.labelledProducts / config.training.batchSize);
  try {
    return await trainAttributes({
      spec,
      state,
      encoder,
      batches,
      reader,
      catalog,
      labelledProducts: survey.labelledProducts,
      config: config.training,
      model: config.model,
      folder: `${out}.run`,
      fingerprint,
      resume: options.resume ?? false,
      evaluate: (runner) => devScore(runner, catalog, prepared, config),
      onStep: (step) => {
        if (step.epoch !== epoch)
          progress({
            kind: 'stage',
            stage: `Epoch ${step.epoch + 1} of ${config.training.epochs}`,
            total: stepsPerEpoch,
          });
        epoch = step.epoch;
        progress({
          kind: 'advance',
          done: step.step - step.epoch * stepsPerEpoch,
          note: `loss ${step.loss.toFixed(3)}`,
        });
        events.scalar('train/loss', step.loss, step.step);
        events.scalar('train/learning_rate', step.learningRate, step.step);
      },
      onEpoch: (record) => {
        const at = record.epoch * stepsPerEpoch;
        events.scalar('epoch/train_loss', record.trainLoss, at);
        if (record.devScore !== undefined) events.scalar('dev/score', record.devScore, at);
        options.onEpoch?.(record);
      },
      ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    });
  } finally {
    await events.close();
  }
}

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
    reader,
    survey.attributes,
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

async function finish(
  options: TrainOptions,
  catalog: Catalog,
  prepared: Prepared,
  fingerprint: string,
  outcome: TrainingOutcome,
  rejects: string | undefined,
): Promise<TrainResult> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  const { spec, survey, start, lexicon, fields, reader } = prepared;
  const { seed } = config.training;
  const encoder = openArchitecture(spec.encoder);
  const weights = new Map(outcome.weights);
  weights.set(
    encoder.wordTable,
    await wholeTable(weights.get(encoder.wordTable)!, spec, start, outcome.unseenDecay),
  );
  const content = {
    tokenizerFiles: start.tokenizerFiles,
    weights,
    lexicon: lexicon?.toData(),
    file: {
      version: VERSION,
      name: '',
      model: { ...spec, vocabulary: undefined },
      attributes: survey.attributes.map(({ schema, decimal }) => ({ schema, decimal, trust: undefined })),
      decode: { spanThreshold: DEFAULT_DECODE.spanThreshold },
      config,
      fingerprint,
      metrics: { test: [], thresholdMethod: '' },
    },
  };
  // What is judged is what was saved: the figures are those of the bundle, read back.
  await writeBundle(out, { ...content, texts: {} });
  const predictor = await BundlePredictor.open(
    await readBundle(out),
    config.training.threads === undefined ? {} : { threads: config.training.threads },
  );
  progress({ kind: 'stage', stage: 'Calibrating and testing', total: undefined });
  const collect = (side: 'dev' | 'test', part?: 'calibrate' | 'threshold') =>
    collectAnswers(
      predictor.runner,
      reader,
      survey.attributes,
      catalog.products({ sides: [side] }),
      DEFAULT_DECODE,
      (product) => part === undefined || devPart(product, seed) === part,
    );
  let trust: Trust;
  let assessment: Assessment;
  try {
    trust = assessTrust(await collect('dev', 'calibrate'), await collect('dev', 'threshold'), {
      seed,
      defaultTarget: config.accept.precision,
      precisionTargets: config.accept.attributes,
    });
    assessment = assess(await collect('test'), trust, fields, seed);
  } finally {
    await predictor.close();
  }
  const results = assessment.evaluations.map(({ result }) => result);
  const gates = checkGates(results, config.gates);
  const plan = planOf(catalog, config, prepared);
  const report = renderReport({
    title: `Attune: ${config.data.path === undefined ? 'catalog' : [config.data.path].flat().join(', ')}`,
    facts: factsOf(plan, outcome),
    command: options.command,
    config: stringify(config),
    warnings: [...plan.warnings, ...unreadable(prepared)],
    training: {
      devMetric: 'mean F1',
      bestEpoch: outcome.bestEpoch,
      epochs: outcome.history.map(({ epoch, trainLoss, devScore }) => ({
        epoch,
        trainLoss,
        devLoss: undefined,
        devMetric: devScore,
      })),
    },
    attributes: assessment.reports,
    thresholdMethod: trust.method,
    gates,
  });
  const file = {
    ...content.file,
    attributes: content.file.attributes.map((attribute) => ({
      ...attribute,
      trust: trust.attributes[attribute.schema.name],
    })),
    metrics: { test: results, thresholdMethod: trust.method },
  };
  await writeBundle(out, {
    ...content,
    file,
    texts: { 'report.html': report, 'README.md': modelCard(file, plan) },
  });
  return {
    finished: true,
    out,
    bestEpoch: outcome.bestEpoch,
    history: outcome.history,
    results,
    overall: overallScores(assessment.evaluations),
    gates,
    rejects,
  };
}

function planOf(catalog: Catalog, config: AttuneConfig, { spec, survey, start }: Prepared): TrainPlan {
  const encoder = openArchitecture(spec.encoder);
  return {
    products: catalog.counts,
    labelledProducts: survey.labelledProducts,
    rejected: Object.values(catalog.rejectCounts).reduce((a: number, b) => a + (b ?? 0), 0),
    start: start.description,
    parameters: encoder.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
    wordRows: spec.vocabulary?.length,
    steps: Math.ceil(survey.labelledProducts / config.training.batchSize) * config.training.epochs,
    attributes: survey.attributes.map(({ schema, labelled }) => ({
      name: schema.name,
      kind: schema.kind,
      labelled,
      values: schema.values.length,
    })),
    warnings: catalog.warnings,
  };
}

function factsOf(plan: TrainPlan, { bestEpoch, history }: TrainingOutcome) {
  return [
    {
      label: 'Products',
      value: `${plan.products.train} train, ${plan.products.dev} dev, ${plan.products.test} test`,
    },
    { label: 'Rows set aside', value: String(plan.rejected) },
    { label: 'Model', value: plan.start },
    { label: 'Best epoch', value: `${bestEpoch} of ${history.length}` },
    { label: 'Attune', value: VERSION },
  ];
}

function unreadable({ reader }: Prepared): string[] {
  return [...reader.unreadable].map(
    ([attribute, { count, example }]) =>
      `${count} labels of ${attribute} could not be read and train nothing, e.g. ${example}.`,
  );
}

/** Rows that were set aside, beside the bundle: what, where and why. */
async function writeRejects(catalog: Catalog, out: string): Promise<string | undefined> {
  if (Object.keys(catalog.rejectCounts).length === 0) return undefined;
  const path = `${out}.rejects.csv`;
  await catalog.writeRejects(path);
  return existsSync(path) ? path : undefined;
}
