/**
 * The training loop of the attribute model: epochs over a stream of products, a dev score after each, the best epoch
 * kept, early stopping, saves as it goes. A run is a function of its seed; resumed, it ends as it would have ended.
 */
import { hash32, Random } from '../base/random.ts';
import { parameter } from '../graph/builder.ts';
import { Session } from '../graph/session.ts';
import type { State } from '../graph/state.ts';
import type { Tensor } from '../graph/tensor.ts';
import {
  adaptedParameters,
  attributeModelParameters,
  attributeOutputs,
  encoderOf,
  predictedOutputs,
} from '../models/attribute/attribute-model.ts';
import type { BatchMaker } from '../models/attribute/batch.ts';
import type { ExampleEncoder, Loaders } from '../models/attribute/example.ts';
import { mediaScope } from '../models/attribute/media-vectors.ts';
import { AttributeRunner } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { noDropout, trainingDropout } from '../models/layers/dropout.ts';
import type { ParameterSpec } from '../models/layers/parameters.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { steps } from './batches.ts';
import type { ModelConfig, TrainingConfig } from './config.ts';
import { trainingError } from './errors.ts';
import { type LabelReader, lexiconLabels, lexiconSample, withoutLabels } from './labelled.ts';
import { type TrainingExample, tokensOf, toMicroBatches } from './micro-batches.ts';
import { requireMixable } from './mix-pictures.ts';
import { attributeLoss } from './objective.ts';
import type { OptimizerConfig, ParameterGroup } from './optimizers.ts';
import { type EpochRecord, RunFolder, type RunPosition } from './run-folder.ts';
import { scheduleFactor } from './schedules.ts';
import { averageOf, type Trained, Trainer } from './step.ts';
import type { ProductStream } from './survey.ts';
import { ValueSwap } from './swap-values.ts';

export type TrainingParts = Loaders & {
  readonly spec: AttributeModelSpec;
  /** Initial values of every parameter. */
  readonly state: State;
  readonly encoder: ExampleEncoder;
  readonly batches: BatchMaker;
  readonly reader: LabelReader;
  readonly catalog: ProductStream;
  /** Training products that have a label. */
  readonly labelledProducts: number;
  readonly config: TrainingConfig;
  readonly model: Pick<ModelConfig, 'freezeEmbeddings'>;
  /** Where the run is saved as it goes. */
  readonly folder: string;
  /** Names the data, the config and the model. */
  readonly fingerprint: string;
  readonly resume: boolean;
  /** Scores the model after an epoch; higher is better, undefined where there are no dev products. */
  evaluate(
    runner: AttributeRunner,
  ): Promise<{ readonly score: number; readonly results: unknown } | undefined>;
  /** Told before the first step how many the run has done already. */
  onStart?(stepsDone: number): Promise<void>;
  onStep?(step: {
    readonly epoch: number;
    readonly step: number;
    readonly totalSteps: number;
    readonly loss: number;
    readonly learningRate: number;
  }): void;
  onEpoch?(record: EpochRecord): void;
  /** Asked after each step; true saves the run and stops it. */
  stopRequested?(): boolean;
};

export type TrainingOutcome = {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly unseenDecay: number;
  /** False when the run was asked to stop; its folder says where it is. */
  readonly finished: boolean;
};

export async function trainAttributes(parts: TrainingParts): Promise<TrainingOutcome> {
  const { config, spec, state } = parts;
  if (parts.labelledProducts === 0) {
    throw trainingError('training/no-examples', 'No training product has a label for any attribute.', {
      hint: 'Check the columns of the attributes in attune.yaml; `attune inspect` shows how full they are.',
    });
  }
  if (config.mix !== 'none') requireMixable(spec);
  const specs = attributeModelParameters(spec);
  const folder = new RunFolder(parts.folder);
  if (!parts.resume) await folder.remove();
  const saved = await folder.load(parts.fingerprint, state);
  const { trainer, trained } = await makeTrainer(parts, specs);
  const { runner, close } = await makeRunner(parts, specs);
  const stepsPerEpoch = Math.ceil(parts.labelledProducts / config.batchSize);
  const totalSteps = stepsPerEpoch * config.epochs;
  const schedule = { kind: config.schedule, warmupSteps: Math.round(config.warmup * totalSteps), totalSteps };
  const wordGroup = trained.get(encoderOf(spec).wordTable);
  let position: RunPosition = saved ?? {
    fingerprint: parts.fingerprint,
    epoch: 0,
    stepInEpoch: 0,
    step: 0,
    lossSum: 0,
    lossCount: 0,
    unseenDecay: 1,
    history: [],
    best: undefined,
  };

  const stop = async (): Promise<TrainingOutcome> => {
    await folder.save(position, state);
    return {
      weights: new Map(),
      history: position.history,
      bestEpoch: position.best?.epoch ?? 0,
      unseenDecay: position.unseenDecay,
      finished: false,
    };
  };

  try {
    await parts.onStart?.(position.step);
    while (position.epoch < config.epochs && !exhausted(position, config.patience)) {
      let stepInEpoch = 0;
      for await (const batch of steps(labelledExamples(parts, position.epoch), tokensOf, {
        batchSize: config.batchSize,
        seed: config.seed,
        epoch: position.epoch,
      })) {
        stepInEpoch++;
        if (stepInEpoch <= position.stepInEpoch) continue;
        const step = position.step + 1;
        const learningRate = config.learningRate * scheduleFactor(schedule, position.step);
        const microBatches = await toMicroBatches(parts, batch, new Random(config.seed, step, PICTURES));
        const { loss } = await trainer.step(microBatches, learningRate, step, config.seed);
        const decay =
          config.optimizer === 'adamw' && wordGroup
            ? 1 - learningRate * wordGroup.learningRateScale * wordGroup.weightDecay
            : 1;
        position = {
          ...position,
          step,
          stepInEpoch,
          lossSum: position.lossSum + loss,
          lossCount: position.lossCount + 1,
          unseenDecay: position.unseenDecay * decay,
        };
        parts.onStep?.({ epoch: position.epoch, step, totalSteps, loss, learningRate });
        // Signals and timers get their turn: a run of the runtime blocks the event loop.
        await new Promise(setImmediate);
        if (parts.stopRequested?.()) return await stop();
        if (step % config.saveEverySteps === 0) await folder.save(position, state);
      }
      const evaluation = await parts.evaluate(runner);
      const record: EpochRecord = {
        epoch: position.epoch + 1,
        trainLoss: position.lossSum / Math.max(1, position.lossCount),
        devScore: evaluation?.score,
        devResults: evaluation?.results,
      };
      const better =
        evaluation === undefined || position.best === undefined || evaluation.score > position.best.score;
      if (better) await folder.saveBest(record.epoch, state, evaluatedTensors(parts, specs));
      position = {
        ...position,
        epoch: record.epoch,
        stepInEpoch: 0,
        lossSum: 0,
        lossCount: 0,
        history: [...position.history, record],
        best: better ? { epoch: record.epoch, score: evaluation?.score ?? 0 } : position.best,
      };
      await folder.save(position, state);
      parts.onEpoch?.(record);
    }
    return {
      weights: await folder.loadBest(position.best!.epoch),
      history: position.history,
      bestEpoch: position.best!.epoch,
      unseenDecay: position.unseenDecay,
      finished: true,
    };
  } finally {
    await trainer.close();
    await close();
  }
}

/** Whether dev has not improved for `patience` epochs. */
function exhausted({ epoch, best }: RunPosition, patience: number): boolean {
  return best !== undefined && epoch - best.epoch >= patience;
}

const SWAP = 0x5a9;
const PICTURES = 0x91c;

/** Products that teach something, in this epoch's order. */
async function* labelledExamples(
  parts: TrainingParts,
  epoch: number,
): AsyncGenerator<readonly TrainingExample[]> {
  const extracted = new Set(parts.spec.spans?.pairs.map(({ attribute }) => attribute));
  const isSampled = lexiconSample(parts.labelledProducts);
  const { seed, swapValues } = parts.config;
  const swap = new ValueSwap(swapValues, new Random(seed, epoch, SWAP), extracted);
  for await (const chunk of parts.catalog.products({
    sides: ['train'],
    order: 'shuffled',
    seed: hash32(parts.config.seed, epoch),
  })) {
    const examples: TrainingExample[] = [];
    for (const product of chunk) {
      const labelled = swap.next(parts.reader.read(product));
      if (Object.keys(labelled.labels).length === 0) continue;
      const example = parts.encoder.encode({
        ...withoutLabels(labelled),
        ...(isSampled(product) ? { labels: lexiconLabels(labelled, extracted) } : {}),
      });
      examples.push({ labelled, example });
    }
    yield examples;
  }
}

async function makeTrainer(parts: TrainingParts, specs: readonly ParameterSpec[]) {
  const { spec, state, config } = parts;
  const tensors = tensorsOf(specs);
  const outputs = attributeOutputs(
    spec,
    scopeOf((name) => tensors.get(name)!),
    trainingDropout(),
    { use: 'training' },
  );
  const loss = attributeLoss(spec, outputs, {
    smoothing: config.labelSmoothing,
    mixed: config.mix !== 'none',
  });
  const groups = new Map<string, ParameterGroup>();
  const trained: Trained[] = [];
  const adapted = new Set(adaptedParameters(spec).map(({ name }) => name));
  for (const each of specs) {
    const group = adapted.has(each.name) ? undefined : groupOf(each, parts);
    if (group === undefined) continue;
    groups.set(each.name, group);
    trained.push({ tensor: tensors.get(each.name)!, group });
  }
  const trainer = await Trainer.create(loss, trained, state, {
    optimizer: optimizerOf(config),
    clipNorm: config.clipNorm ?? undefined,
    averageDecay: config.averageDecay ?? undefined,
    carried: outputs.carried ?? [],
    ...(config.threads === undefined ? {} : { threads: config.threads }),
  });
  return { trainer, trained: groups };
}

/** A session over the state's own tensors, so that evaluating costs no copy of the weights. */
async function makeRunner(parts: TrainingParts, specs: readonly ParameterSpec[]) {
  const { spec, state, config } = parts;
  const tensors = tensorsOf(specs);
  const outputs = attributeOutputs(
    spec,
    scopeOf((name) => tensors.get(name)!),
    noDropout,
  );
  const session = await Session.create(
    predictedOutputs(outputs),
    config.threads === undefined ? {} : { threads: config.threads },
  );
  const runner = new AttributeRunner({
    spec,
    encoder: parts.encoder,
    batches: parts.batches,
    maxTokensPerBatch: config.maxTokensPerMicroBatch,
    loadMedia: parts.loadMedia,
    loadText: parts.loadText,
    forward: (inputs) => {
      const evaluated = evaluatedTensors(parts, specs);
      const weights = Object.fromEntries([...evaluated].map(([name, from]) => [name, state.value(from)]));
      return session.run(
        pick(
          { ...inputs, ...weights },
          session.inputs.map(({ name }) => name),
        ),
      );
    },
  });
  return { runner, close: () => session.close() };
}

/** Parameter name -> the state tensor that is evaluated and kept for it: its average, where one is kept. */
function evaluatedTensors(
  { state, config }: TrainingParts,
  specs: readonly ParameterSpec[],
): ReadonlyMap<string, string> {
  return new Map(
    specs.map(({ name }) => [
      name,
      config.averageDecay !== null && state.has(averageOf(name)) ? averageOf(name) : name,
    ]),
  );
}

function tensorsOf(specs: readonly ParameterSpec[]): ReadonlyMap<string, Tensor> {
  return new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
}

function pick<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]!]));
}

/** The group of a parameter; undefined leaves it as it is. */
function groupOf(
  { name, role, depth, fixed }: ParameterSpec,
  { spec, config, model }: TrainingParts,
): ParameterGroup | undefined {
  const { layers, wordTable } = encoderOf(spec);
  // The values' names are made of the table of a frozen encoder.
  if (spec.frozenText && name === wordTable) return undefined;
  if (fixed || (model.freezeEmbeddings && depth === 0)) return undefined;
  const weightDecay = role === 'bias' || role === 'norm' ? 0 : config.weightDecay;
  const fresh = spec.media?.some((field) => field.fresh && name.startsWith(`${mediaScope(field.field)}.`));
  if (fresh) return { learningRateScale: config.freshLearningRate / config.learningRate, weightDecay };
  if (depth > layers || isAdapter(name))
    return { learningRateScale: config.headLearningRate / config.learningRate, weightDecay };
  return { learningRateScale: config.layerDecay ** (layers - depth), weightDecay };
}

/** Starts from nothing, so it learns as fast as the heads. */
const isAdapter = (name: string) => /\.lora_[AB]\.weight$/.test(name);

function optimizerOf(config: TrainingConfig): OptimizerConfig {
  const { optimizer, momentum, nesterov, weightDecay, beta1, beta2, epsilon } = config;
  if (optimizer === 'sgd') return { kind: 'sgd', momentum, nesterov, weightDecay };
  return { kind: optimizer, beta1, beta2, epsilon, weightDecay };
}
