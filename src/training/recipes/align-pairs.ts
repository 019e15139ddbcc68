/**
 * Brings an encoder of texts and one of pictures to agree on one's own catalog: the text of a product comes to lie near its picture,
 * and far from the pictures of the others in the batch. Radford et al. 2021, https://arxiv.org/abs/2103.00020 (CLIP), and Zhai et
 * al. 2023, https://arxiv.org/abs/2303.15343 (SigLIP). Products with equal texts or equal pictures are no rivals of each other.
 */
import { hash32, Random } from '../../base/random.ts';
import { augmentShaped } from '../../features/image/augment.ts';
import type { ImageProcessor } from '../../features/image/processor.ts';
import { input } from '../../graph/builder.ts';
import type { Value } from '../../graph/session.ts';
import type { State } from '../../graph/state.ts';
import type { PairEncoder } from '../../models/architectures/encoder.ts';
import { batchStatistics } from '../../models/layers/batch-norm.ts';
import { trainingDropout } from '../../models/layers/dropout.ts';
import { pictureArrays, textArrays } from '../../models/pairs/pair-batch.ts';
import { pairGraph } from '../../models/pairs/pair-graph.ts';
import { variationOf } from '../augment-config.ts';
import { steps } from '../batches.ts';
import type { TrainingConfig } from '../config.ts';
import { type EpochOutcome, type EpochWatcher, type EpochWork, openRun, runEpochs } from '../epochs.ts';
import { PAIR_LOSSES } from '../pair-losses.ts';
import { alike, type Pair, type PairReaderParts, readPairs } from '../pairs.ts';
import { RunFolder } from '../run-folder.ts';
import { type MicroBatch, Trainer } from '../step.ts';
import type { ProductStream } from '../survey.ts';

export type AlignPairsParts = {
  readonly encoder: PairEncoder;
  /** Whether it starts from nothing, so that batch norms learn their statistics. */
  readonly fresh: boolean;
  /** Holds the encoder's parameters. */
  readonly state: State;
  readonly processor: ImageProcessor;
  readonly reader: PairReaderParts;
  readonly catalog: ProductStream;
  /** Training products that have a text and a picture. */
  readonly pairs: number;
  readonly config: TrainingConfig;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly folder: string;
  readonly fingerprint: string;
  readonly resume: boolean;
} & EpochWatcher &
  Pick<EpochWork<Pair>, 'evaluate'>;

/** CLIP's limit of the factor of the cosines, 100, as the parameter has it. */
const MOST_LOG_SCALE = Math.log(100);
/** Keeps this recipe's chance apart from others'. */
const SALT = 0xa116;

/** The encoders' loss: SigLIP's where the logits have a bias, else CLIP's. */
export const pairLossOf = ({ logitBias }: Pick<PairEncoder, 'logitBias'>) =>
  logitBias === undefined ? ('clip' as const) : ('siglip' as const);

/** @returns the parameters of the best epoch; `state` has those of the last */
export async function alignPairs(parts: AlignPairsParts): Promise<EpochOutcome> {
  const { encoder, state, config } = parts;
  const folder = new RunFolder(parts.folder);
  const position = await openRun(folder, parts);
  const trainer = await makeTrainer(parts);
  try {
    return await runEpochs<Pair>(folder, position, {
      ...parts,
      names: encoder.parameters.map(({ name }) => name),
      stepsPerEpoch: Math.ceil(parts.pairs / parts.batchSize),
      batches: (epoch) =>
        steps(trainingPairs(parts, epoch), () => 0, {
          batchSize: parts.batchSize,
          seed: config.seed ^ SALT,
          epoch,
        }),
      train: async (batch, rate, step) => {
        const random = new Random(config.seed, SALT, step);
        const { loss } = await trainer.step([batchOf(batch, parts, random)], rate, step, config.seed ^ SALT);
        if (encoder.logitBias === undefined) limitScale(state, encoder.logitScale);
        return loss;
      },
    });
  } finally {
    await trainer.close();
  }
}

function makeTrainer({ encoder, fresh, state, config }: AlignPairsParts): Promise<Trainer> {
  const statistics = fresh ? batchStatistics() : undefined;
  const { logits, parameters } = pairGraph(encoder, trainingDropout(), statistics?.norm);
  const loss = PAIR_LOSSES[pairLossOf(encoder)](logits, input('alike', 'float32', ['batch', 'batch']));
  const { beta1, beta2, epsilon, weightDecay, clipNorm, threads } = config;
  return Trainer.create(
    loss,
    encoder.parameters
      .filter(({ fixed }) => !fixed)
      .map(({ name, role }) => ({
        tensor: parameters.get(name)!,
        group: { learningRateScale: 1, weightDecay: role === 'weight' ? weightDecay : 0 },
      })),
    state,
    {
      optimizer: { kind: 'adamw', beta1, beta2, epsilon, weightDecay },
      clipNorm: clipNorm ?? undefined,
      averageDecay: undefined,
      ...(statistics ? { carried: statistics.carried } : {}),
      ...(threads === undefined ? {} : { threads }),
    },
  );
}

/** So that no cosine counts for too much. */
function limitScale(state: State, name: string): void {
  const value = state.read(name);
  value[0] = Math.min(Math.max(value[0]!, 0), MOST_LOG_SCALE);
}

/** Every pair of the training products, in this epoch's order. */
async function* trainingPairs(
  { catalog, reader, config }: AlignPairsParts,
  epoch: number,
): AsyncGenerator<readonly Pair[]> {
  const seed = hash32(config.seed, SALT, epoch);
  for await (const chunk of catalog.products({ sides: ['train'], order: 'shuffled', seed }))
    yield await readPairs(chunk, reader);
}

/** One picture of each product, varied. */
function batchOf(
  pairs: readonly Pair[],
  { processor, config, reader }: AlignPairsParts,
  random: Random,
): MicroBatch {
  const { pictures: variation } = variationOf(config.augment);
  const pictures = pairs.map((pair) => {
    const picture = random.pick(pair.pictures);
    return variation ? augmentShaped(variation, picture, random) : picture;
  });
  const count = pairs.length;
  const same = new Float32Array(count * count);
  for (const [i, a] of pairs.entries())
    for (const [j, b] of pairs.entries()) if (i !== j && alike(a, b)) same[i * count + j] = 1;
  const alikeValue: Value = { dtype: 'float32', dims: [count, count], data: same };
  const ids = pairs.map((pair) => pair.ids);
  return {
    weight: count,
    values: {
      ...textArrays(ids, reader.tokenizer.special.pad),
      ...pictureArrays(pictures, processor),
      alike: alikeValue,
    },
  };
}
