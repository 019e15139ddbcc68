/** `attune pretrain`: from a config to an encoder of texts that has learned to guess the words of the catalog's own. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { silent } from '../base/progress.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { inputsOf } from '../catalog/config-inputs.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import { parameterSize } from '../models/layers/parameters.ts';
import { trainingError } from '../training/errors.ts';
import { MaskedJudge, type MaskedScores } from '../training/judge-masked.ts';
import { readTokens } from '../training/packed-rows.ts';
import { type PretrainConfig, pretrainSchema } from '../training/pretrain-config.ts';
import { planSteps, pretrainText } from '../training/recipes/pretrain-text.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { AttuneConfig } from './config.ts';
import { epochWatcher } from './epoch-watcher.ts';
import { fingerprintOf } from './prepare.ts';
import { checkPretrainMemory } from './pretrain-memory.ts';
import type { PretrainPlan, PretrainResult } from './pretrain-plan.ts';
import { maskedFigures, pretrainReport } from './pretrain-report.ts';
import { openPretrainStart, type PretrainStart, pretrainState } from './pretrain-start.ts';
import { eventsFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';
import { refuseUnfinished } from './unfinished-run.ts';
import { writeEncoder } from './write-encoder.ts';
import { writeRejects } from './write-rejects.ts';

export type PretrainOptions = Pick<
  TrainOptions,
  'config' | 'out' | 'resume' | 'anew' | 'progress' | 'stopRequested' | 'command' | 'availableMemory'
> & {
  onPlan?(plan: PretrainPlan): void;
  /** @param step - of the optimiser, after which it was judged */
  onRound?(record: EpochRecord, step: number): void;
};

/** Peak learning rates when none is set. */
const [FROM_CHECKPOINT, FROM_NOTHING] = [1e-4, 1e-3];

/**
 * Trains on the texts of the training products and writes a Hugging Face folder to `out`. While it runs, `<out>.run` holds what a
 * killed run goes on from.
 * @throws training/out-exists, training/run-unfinished, training/no-examples, training/..., catalog/..., models/...
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { config, out, resume = false, command } = options;
  const { training } = config;
  const progress = options.progress ?? silent;
  if (existsSync(out)) {
    throw trainingError('training/out-exists', `${out} is there already.`, {
      hint: 'Name another folder with --out, or delete it first.',
    });
  }
  await refuseUnfinished(options);
  const asked = pretrainSchema.parse(config.pretrain ?? {});
  const fields = fieldsOf(config, asked);
  const folder =
    config.model.text === 'small' ? undefined : await resolveModel(config.model.text, { progress });
  progress({ kind: 'stage', stage: 'Reading the catalog', total: undefined });
  const textsOnly = onlyTexts(config, asked, fields);
  const labels = asked.probe.length > 0 ? asked.probe : false;
  const catalog = await openCatalog({ ...specOfConfig(textsOnly, { labels }), progress });
  try {
    const from = await openPretrainStart(catalog, config.model, folder, fields);
    const { start, encoder } = from;
    const settings = { ...asked, maxTokens: Math.min(asked.maxTokens, start.maxTokens) };
    const memory = checkPretrainMemory(from, { ...settings, ...training }, options.availableMemory);
    const rejects = await writeRejects(catalog, out, 0);
    const { fingerprint, warnings } = await fingerprintOf(catalog, textsOnly, {
      start,
      survey: { attributes: [] },
      spec: {},
      fields,
    });
    progress({ kind: 'stage', stage: 'Counting the tokens', total: undefined });
    const { products, tokens } = await countTokens(catalog, from, fields);
    const steps = planSteps(tokens, settings, start.tokenizer.special.cls);
    const plan: PretrainPlan = {
      start: start.description,
      parameters: from.parameters.reduce((total, each) => total + parameterSize(each), 0),
      products,
      tokens,
      maxTokens: settings.maxTokens,
      steps,
      memory,
      warnings: [...catalog.warnings, ...warnings],
    };
    options.onPlan?.(plan);
    const state = await pretrainState(from, training.seed);
    const { counts } = catalog;
    const { threads } = training;
    const { tokenizer } = start;
    const judge = await MaskedJudge.open({
      ...{ encoder, state, tokenizer, catalog, counts, fields, settings, threads },
    });
    const stepOf = (round: number) => round * steps.stepsPerRound;
    const watcher = epochWatcher(
      { ...options, onEpoch: (record) => options.onRound?.(record, stepOf(record.epoch)) },
      {
        epochs: steps.rounds,
        stepsPerEpoch: steps.stepsPerRound,
        name: 'Part',
        figures: ({ devResults }) => maskedFigures(devResults as MaskedScores | undefined),
      },
    );
    try {
      progress({ kind: 'stage', stage: 'Judging the start', total: undefined });
      const before = await judge.judge('test');
      const outcome = await pretrainText({
        ...{ encoder, state, tokenizer, catalog, fields, steps, settings, fingerprint, resume },
        learningRate: settings.learningRate ?? (start.weights ? FROM_CHECKPOINT : FROM_NOTHING),
        config: training,
        folder: runFolder(out),
        evaluate: async () => {
          const results = await judge.judge('dev');
          return results && { score: -results.loss, results };
        },
        ...watcher,
      });
      const { finished, weights } = outcome;
      const bestStep = stepOf(outcome.bestEpoch);
      const history = outcome.history.map((record) => ({ ...record, epoch: stepOf(record.epoch) }));
      if (!finished) return { finished, out, bestStep, history, test: undefined, before, rejects };
      for (const { name, shape } of from.parameters) state.set(name, shape, weights.get(name)!);
      progress({ kind: 'stage', stage: 'Testing', total: undefined });
      const test = await judge.judge('test');
      await watcher.close();
      await writeEncoder(out, from, weights, {
        texts: pretrainReport({ plan, test, before, bestStep, history, config, command }),
        events: eventsFolder(runFolder(out)),
      });
      await rm(runFolder(out), { recursive: true, force: true });
      return { finished, out, bestStep, history, test, before, rejects };
    } finally {
      await watcher.close();
      await judge.close();
    }
  } finally {
    catalog.close();
  }
}

/** @throws training/bad-setting where an input is not there or of another kind */
function fieldsOf({ inputs }: Pick<AttuneConfig, 'inputs'>, { text }: PretrainConfig): readonly string[] {
  const known = inputsOf(inputs, 'text').map(([name]) => name);
  const fields = text ?? known;
  const wrong = fields.find((name) => !known.includes(name));
  if (wrong === undefined && fields.length > 0) return fields;
  throw trainingError(
    'training/bad-setting',
    wrong === undefined ? 'No input is a text.' : `pretrain.text names ${wrong}, which is no text input.`,
    {
      hint:
        known.length === 0
          ? 'Add one to inputs, e.g. title: text.'
          : `The text inputs are: ${known.join(', ')}.`,
    },
  );
}

/**
 * The config with the inputs and attributes that pretraining reads: others may change without making another run of it.
 * @throws training/bad-setting where the encoder is to be judged by an attribute that is not there
 */
function onlyTexts(config: AttuneConfig, { probe }: PretrainConfig, fields: readonly string[]): AttuneConfig {
  const wrong = probe.find((name) => config.attributes[name] === undefined);
  if (wrong !== undefined) {
    throw trainingError('training/bad-setting', `pretrain.probe names ${wrong}, which is no attribute.`, {
      hint: `The attributes are: ${Object.keys(config.attributes).join(', ')}.`,
    });
  }
  return {
    ...config,
    inputs: Object.fromEntries(fields.map((name) => [name, config.inputs[name]!])),
    attributes: Object.fromEntries(probe.map((name) => [name, config.attributes[name]!])),
  };
}

/** One pass over the training products. @throws training/no-examples where none has a word */
async function countTokens(
  catalog: Catalog,
  { start }: PretrainStart,
  fields: readonly string[],
): Promise<{ readonly products: number; readonly tokens: number }> {
  let [products, tokens] = [0, 0];
  for await (const chunk of catalog.products({ sides: ['train'] })) {
    for (const product of chunk) {
      const read = readTokens(product, fields, start.tokenizer);
      if (read === undefined) continue;
      products++;
      tokens += read.ids.length;
    }
  }
  if (products > 0) return { products, tokens };
  throw trainingError('training/no-examples', `No training product has a text (${fields.join(', ')}).`, {
    hint: 'Check which columns the inputs read.',
  });
}
