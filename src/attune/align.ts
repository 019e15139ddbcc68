/** `attune align`: from a config to an encoder of texts and one of pictures that agree on the catalog's products. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { silent } from '../base/progress.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { inputsOf } from '../catalog/config-inputs.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { MediaLoader } from '../models/attribute/media-loader.ts';
import type { MediaSpec } from '../models/attribute/spec.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import { parameterSize } from '../models/layers/parameters.ts';
import { PairEmbedder } from '../models/pairs/pair-embedder.ts';
import { type AlignConfig, alignSchema } from '../training/align-config.ts';
import { trainingError } from '../training/errors.ts';
import { judgePairs, type PairScores, pairScore } from '../training/judge-pairs.ts';
import { LabelReader } from '../training/labelled.ts';
import { type PairReaderParts, textOf } from '../training/pairs.ts';
import { alignPairs } from '../training/recipes/align-pairs.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { AlignPlan } from './align-plan.ts';
import type { AttuneConfig } from './config.ts';
import { epochWatcher } from './epoch-watcher.ts';
import { readMedia } from './media.ts';
import { checkPairMemory } from './pair-memory.ts';
import { pairReport } from './pair-report.ts';
import { fingerprintOf } from './prepare.ts';
import { openPairStart, type PairStart, pairState } from './prepare-pairs.ts';
import { eventsFolder, mediaFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';
import { refuseUnfinished } from './unfinished-run.ts';
import { textFolder, writePair } from './write-pair.ts';
import { unreadMedia, writeRejects } from './write-rejects.ts';

export type AlignOptions = Pick<
  TrainOptions,
  | 'config'
  | 'out'
  | 'resume'
  | 'anew'
  | 'progress'
  | 'onEpoch'
  | 'stopRequested'
  | 'command'
  | 'availableMemory'
> & {
  onPlan?(plan: AlignPlan): void;
};

export type AlignResult = {
  /** False when the run was asked to stop; align again with `resume`. */
  readonly finished: boolean;
  readonly out: string;
  /** The folder of the text encoder by itself; undefined where there is none. */
  readonly text: string | undefined;
  readonly bestEpoch: number;
  readonly history: readonly EpochRecord[];
  /** On the test products, by the best epoch; undefined where no two differ. */
  readonly test: PairScores | undefined;
  /** The same of the encoders as they started. */
  readonly before: PairScores | undefined;
  readonly rejects: string | undefined;
};

/** Peak learning rates when none is set. */
const [FROM_CHECKPOINT, FROM_NOTHING] = [1e-5, 1e-3];

/**
 * Trains on the pairs of a text and a picture that the training products are, and writes a Hugging Face folder to `out`. While it
 * runs, `<out>.run` holds what a killed run goes on from.
 * @throws training/out-exists, training/run-unfinished, training/no-examples, training/..., catalog/..., models/...
 */
export async function align(options: AlignOptions): Promise<AlignResult> {
  const { config, out, resume = false } = options;
  const progress = options.progress ?? silent;
  if (existsSync(out)) {
    throw trainingError('training/out-exists', `${out} is there already.`, {
      hint: 'Name another folder with --out, or delete it first.',
    });
  }
  await refuseUnfinished(options);
  const settings = alignSchema.parse(config.align ?? {});
  const inputs = inputsOfPairs(config, settings);
  const folder =
    settings.model === 'small' ? undefined : await resolveModel(settings.model, { reads: 'image', progress });
  progress({ kind: 'stage', stage: 'Reading the catalog', total: undefined });
  const read = [...inputs.texts, inputs.image].map((name) => [name, config.inputs[name]!] as const);
  const pairsOnly = { ...config, attributes: {}, inputs: Object.fromEntries(read) };
  const catalog = await openCatalog({ ...specOfConfig(pairsOnly, { labels: false }), progress });
  let media: MediaLoader | undefined;
  try {
    const start = await openPairStart(catalog, config, settings, folder, inputs, mediaFolder(out));
    const memory = checkPairMemory(start, settings, options.availableMemory);
    media = await MediaLoader.open([mediaSpecOf(start, inputs.image, config)], {
      cacheFolder: mediaFolder(out),
    });
    const labels = new LabelReader([], inputs.texts, { media: [inputs.image], table: [] });
    const unread = await readMedia(catalog, labels, media.load, progress);
    const rejects = await writeRejects(catalog, out, unread.count);
    const { fingerprint, warnings } = await fingerprintOf(catalog, pairsOnly, {
      start,
      survey: { attributes: [] },
      spec: {},
      fields: inputs.texts,
    });
    const pairs = await countPairs(catalog, inputs);
    const epochs = settings.epochs;
    const plan: AlignPlan = {
      pairs,
      start: start.description,
      parameters: start.encoder.parameters.reduce((total, each) => total + parameterSize(each), 0),
      memory,
      steps: Math.ceil(pairs.train / settings.batchSize) * epochs,
      warnings: [...warnings, ...unreadMedia(unread)],
    };
    options.onPlan?.(plan);
    const reader: PairReaderParts = {
      tokenizer: start.tokenizer,
      postProcessor: start.tokenizerFiles['tokenizer.json'].post_processor,
      ...inputs,
      maxTokens: start.maxTokens,
      load: media.load,
    };
    const { training } = config;
    const state = await pairState(start, training.seed);
    const embedder = await PairEmbedder.open(start.encoder, state, {
      processor: start.processor,
      pad: start.tokenizer.special.pad,
      threads: training.threads,
    });
    const watcher = epochWatcher(options, {
      epochs,
      stepsPerEpoch: Math.ceil(pairs.train / settings.batchSize),
      name: 'Epoch',
      figures: pairFigures,
    });
    try {
      const judge = (side: 'dev' | 'test') =>
        judgePairs(embedder, catalog, reader, { side, products: catalog.counts[side] });
      progress({ kind: 'stage', stage: 'Judging the start', total: undefined });
      const before = await judge('test');
      const outcome = await alignPairs({
        encoder: start.encoder,
        fresh: start.weights === undefined,
        state,
        processor: start.processor,
        reader,
        catalog,
        pairs: pairs.train,
        config: training,
        epochs,
        batchSize: settings.batchSize,
        learningRate: settings.learningRate ?? (start.weights ? FROM_CHECKPOINT : FROM_NOTHING),
        folder: runFolder(out),
        fingerprint,
        resume,
        evaluate: async () => {
          const results = await judge('dev');
          return results && { score: pairScore(results), results };
        },
        ...watcher,
      });
      const { history, bestEpoch, finished, weights } = outcome;
      const text = textFolder(out, start);
      if (!finished) return { finished, out, text, bestEpoch, history, test: undefined, before, rejects };
      for (const { name, shape } of start.encoder.parameters) state.set(name, shape, weights.get(name)!);
      progress({ kind: 'stage', stage: 'Testing', total: undefined });
      const test = await judge('test');
      await watcher.close();
      const { command } = options;
      await writePair(out, start, weights, {
        texts: pairReport({ plan, test, before, bestEpoch, history, config, command }),
        events: eventsFolder(runFolder(out)),
      });
      await rm(runFolder(out), { recursive: true, force: true });
      await media.close();
      media = undefined;
      await rm(mediaFolder(out), { recursive: true, force: true });
      return { finished, out, text, bestEpoch, history, test, before, rejects };
    } finally {
      await watcher.close();
      await embedder.close();
    }
  } finally {
    await media?.close();
    catalog.close();
  }
}

function pairFigures({ devScore, devResults }: EpochRecord): Readonly<Record<string, number>> {
  const scores = devResults as PairScores | undefined;
  return {
    ...(devScore === undefined ? {} : { 'dev/score': devScore }),
    ...(scores === undefined
      ? {}
      : {
          'dev/recall@1/picture_to_text': scores.pictureToText[1],
          'dev/recall@1/text_to_picture': scores.textToPicture[1],
        }),
  };
}

/** @throws training/bad-setting where an input is not there or of another kind */
function inputsOfPairs({ inputs }: Pick<AttuneConfig, 'inputs'>, { text, image }: AlignConfig) {
  const check = (kind: 'text' | 'image', wanted: readonly string[] | undefined, setting: string) => {
    const known = inputsOf(inputs, kind).map(([name]) => name);
    const names = wanted ?? known.slice(0, 1);
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined && names.length > 0) return names;
    throw trainingError(
      'training/bad-setting',
      wrong === undefined
        ? `Pairs are of a text and a picture, and no input is of kind ${kind}.`
        : `align.${setting} names ${wrong}, which is no ${kind} input.`,
      {
        hint:
          known.length === 0
            ? `Add one to inputs, e.g. ${kind === 'text' ? 'title: text' : 'photo: image'}.`
            : `The ${kind} inputs are: ${known.join(', ')}.`,
      },
    );
  };
  const texts = check('text', text, 'text');
  return { texts, image: check('image', image === undefined ? undefined : [image], 'image')[0]! };
}

function mediaSpecOf(
  { encoder, config, processor, weights }: PairStart,
  field: string,
  { inputs }: Pick<AttuneConfig, 'inputs'>,
): MediaSpec {
  const input = inputs[field];
  const most = input?.kind === 'image' ? input.most : 1;
  return {
    field,
    most,
    kind: 'image',
    fresh: weights === undefined,
    encoder: { ...config, model_type: encoder.modelType },
    processor,
  };
}

/** @throws training/no-examples where fewer than two training products have both */
async function countPairs(
  catalog: Catalog,
  { texts, image }: { readonly texts: readonly string[]; readonly image: string },
): Promise<AlignPlan['pairs']> {
  const count = async (side: 'train' | 'dev' | 'test') => {
    let pairs = 0;
    for await (const chunk of catalog.products({ sides: [side] }))
      for (const product of chunk)
        if (textOf(product, texts) !== '' && (product.media?.[image]?.length ?? 0) > 0) pairs++;
    return pairs;
  };
  const pairs = { train: await count('train'), dev: await count('dev'), test: await count('test') };
  if (pairs.train >= 2) return pairs;
  throw trainingError(
    'training/no-examples',
    `${pairs.train} training products have both a text (${texts.join(', ')}) and a picture (${image}); there must be two at least.`,
    { hint: 'Check which columns the inputs read.' },
  );
}
