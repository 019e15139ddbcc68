/**
 * Continued masked-language training on the products' own texts, labelled or not, before the attributes are learned:
 * the encoder gets used to how suppliers write. Devlin et al. 2018 (masking), Gururangan et al. 2020 (continued training).
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { hash32, Random } from '../../base/random.ts';
import type { SpecialTokens } from '../../features/text/tokenizer.ts';
import type { State } from '../../graph/state.ts';
import { encoderOf } from '../../models/attribute/attribute-model.ts';
import { rowsInUse } from '../../models/attribute/batch.ts';
import type { ExampleEncoder } from '../../models/attribute/example.ts';
import { cutByTokens } from '../../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../../models/attribute/spec.ts';
import { openSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { trainingDropout } from '../../models/layers/dropout.ts';
import { initialValues } from '../../models/layers/parameters.ts';
import { steps } from '../batches.ts';
import type { TrainingConfig } from '../config.ts';
import { trainingError } from '../errors.ts';
import { type HidingOptions, hideWords, maskedGraph } from '../masked-tokens.ts';
import { scheduleFactor } from '../schedules.ts';
import { Trainer } from '../step.ts';
import type { ProductStream } from '../survey.ts';

export type MaskedLanguageParts = {
  readonly spec: AttributeModelSpec;
  /** The encoder's parameters; its own are replaced by the trained ones. */
  readonly state: State;
  readonly encoder: ExampleEncoder;
  readonly special: SpecialTokens;
  readonly catalog: ProductStream;
  readonly fields: readonly string[];
  /** Training products with a text. */
  readonly products: number;
  readonly config: TrainingConfig;
  /** Where the trained encoder is kept, so that a resumed run need not train it again. */
  readonly folder: string;
  /** Names the data, the config and the model; what another run has kept is not taken. */
  readonly fingerprint: string;
  readonly resume: boolean;
  onStep?(step: { readonly step: number; readonly totalSteps: number; readonly loss: number }): void;
  /** Asked after each step; true stops it, and a resumed run begins it anew. */
  stopRequested?(): boolean;
};

/** Share of the tokens that are to be guessed. */
const GUESSED = 0.15;
const FILE = 'pretrained.safetensors';

/**
 * @returns whether it was finished; `state` is of no use otherwise
 * @throws training/bad-setting for an encoder that reads from left to right, or one without a mask token
 */
export async function trainMaskedLanguage(parts: MaskedLanguageParts): Promise<boolean> {
  const { spec, state, config, special, folder } = parts;
  const encoder = encoderOf(spec);
  if (encoder.causal || special.mask === undefined) {
    throw trainingError(
      'training/bad-setting',
      `training.pretrainEpochs needs an encoder that learns by masked words; ${encoder.modelType} does not.`,
      { hint: 'Set training.pretrainEpochs to 0.' },
    );
  }
  if (parts.resume && (await restore(parts))) return true;
  await rm(folder, { recursive: true, force: true });
  const { loss, specs, parameters } = maskedGraph(encoder, trainingDropout());
  const own = new Set(encoder.parameters.map(({ name }) => name));
  const random = new Random(config.seed, 0x3a5c);
  for (const each of specs)
    if (!state.has(each.name)) state.set(each.name, each.shape, initialValues(each, random));
  const trainer = await Trainer.create(
    loss,
    specs.map(({ name, role }) => ({
      tensor: parameters.get(name)!,
      group: { learningRateScale: 1, weightDecay: role === 'weight' ? config.weightDecay : 0 },
    })),
    state,
    {
      optimizer: {
        kind: 'adamw',
        beta1: config.beta1,
        beta2: config.beta2,
        epsilon: config.epsilon,
        weightDecay: config.weightDecay,
      },
      clipNorm: config.clipNorm ?? undefined,
      averageDecay: undefined,
      ...(config.threads === undefined ? {} : { threads: config.threads }),
    },
  );
  try {
    if (!(await runEpochs(parts, trainer))) return false;
  } finally {
    await trainer.close();
  }
  // What stays leaves the trainer's memory, so that its moments and gradients are freed.
  for (const name of state.names) {
    if (name.includes(':') || (parameters.has(name) && !own.has(name))) state.remove(name);
    else state.set(name, state.dims(name), state.read(name).slice());
  }
  await makeFolder(folder);
  await writeSafetensors(
    join(folder, FILE),
    encoder.parameters.map(({ name, shape }) => ({ name, shape, read: () => state.read(name) })),
    'F32',
    { fingerprint: parts.fingerprint },
  );
  return true;
}

async function runEpochs(parts: MaskedLanguageParts, trainer: Trainer): Promise<boolean> {
  const { config, spec, special } = parts;
  const options = hidingOptions(parts);
  const rowOf = rowsInUse(spec.vocabulary, special.unknown ?? special.pad);
  const totalSteps = Math.ceil(parts.products / config.batchSize) * config.pretrainEpochs;
  const schedule = { kind: 'linear' as const, warmupSteps: Math.round(0.06 * totalSteps), totalSteps };
  let step = 0;
  for (let epoch = 0; epoch < config.pretrainEpochs; epoch++) {
    const batches = steps(inputs(parts, epoch), (ids) => ids.length, {
      batchSize: config.batchSize,
      seed: config.seed ^ 0x3a5c,
      epoch,
    });
    for await (const batch of batches) {
      const rate = config.pretrainLearningRate * scheduleFactor(schedule, step);
      step++;
      const random = new Random(config.seed, 0x3a5d, step);
      const micro = cutByTokens(batch, { length: (ids) => ids.length }, config.maxTokensPerMicroBatch).map(
        (items) =>
          hideWords(
            items.map((item) => ({ ids: item.map(rowOf) })),
            options,
            random,
          ),
      );
      const { loss } = await trainer.step(micro, rate, step, config.seed ^ 0x3a5c);
      parts.onStep?.({ step, totalSteps, loss });
      await new Promise(setImmediate);
      if (parts.stopRequested?.()) return false;
    }
  }
  return true;
}

/** Token ids of every training product, labelled or not. */
async function* inputs(
  { catalog, encoder, fields, config }: MaskedLanguageParts,
  epoch: number,
): AsyncGenerator<readonly Int32Array[]> {
  for await (const chunk of catalog.products({
    sides: ['train'],
    order: 'shuffled',
    seed: hash32(config.seed, 0x3a5c, epoch),
  })) {
    yield chunk.map(
      ({ texts, category }) =>
        encoder.pack({ category, texts: fields.map((field) => texts[field] ?? '') }).ids,
    );
  }
}

/** How tokens are hidden, in rows of the word table. */
function hidingOptions({ spec, special }: MaskedLanguageParts): HidingOptions {
  const rowOf = rowsInUse(spec.vocabulary, special.unknown ?? special.pad);
  const ids = Object.values(special).filter((id): id is number => id !== undefined);
  return {
    share: GUESSED,
    special: new Set(ids.map(rowOf)),
    mask: rowOf(special.mask!),
    pad: rowOf(special.pad),
    vocabulary: encoderOf(spec).vocabulary,
  };
}

async function restore({ state, folder, fingerprint }: MaskedLanguageParts): Promise<boolean> {
  const file = await openSafetensors(join(folder, FILE)).catch(() => undefined);
  if (file?.metadata.fingerprint !== fingerprint) return false;
  for (const [name, { shape }] of file.tensors) state.set(name, shape, await file.read(name));
  return true;
}
