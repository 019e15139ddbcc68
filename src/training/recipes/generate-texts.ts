/**
 * Teaches a decoder the free-text attributes: prompt, then answer, and the loss on the answer's tokens alone. A product labelled for
 * one of them teaches that one. Epochs, saves and the best epoch: epochs.ts.
 */
import { hash32 } from '../../base/random.ts';
import { gather, input, parameter, reshape } from '../../graph/builder.ts';
import { product } from '../../graph/dimensions.ts';
import { Session, type Value } from '../../graph/session.ts';
import type { State } from '../../graph/state.ts';
import { hiddenStates, type TextEncoder } from '../../models/architectures/encoder.ts';
import { openArchitecture } from '../../models/architectures/registry.ts';
import { cutByTokens } from '../../models/attribute/runner.ts';
import { CausalSession } from '../../models/generation/causal-session.ts';
import type { PromptWriter } from '../../models/generation/prompt.ts';
import { TextWriter } from '../../models/generation/text-writer.ts';
import { languageModelLogits } from '../../models/heads/language-model.ts';
import { type Dropout, noDropout, trainingDropout } from '../../models/layers/dropout.ts';
import { scopeOf } from '../../models/layers/scope.ts';
import { steps } from '../batches.ts';
import type { TrainingConfig } from '../config.ts';
import { type EpochOutcome, type EpochWatcher, openRun, runEpochs } from '../epochs.ts';
import { type LabelledProduct, type LabelReader, withoutLabels } from '../labelled.ts';
import { crossEntropy, type LossTerm } from '../losses.ts';
import { RunFolder } from '../run-folder.ts';
import { type MicroBatch, Trainer } from '../step.ts';
import type { ProductStream } from '../survey.ts';

export type GenerateTextsParts = {
  /** Holds the decoder's parameters. */
  readonly state: State;
  readonly prompts: PromptWriter;
  readonly reader: LabelReader;
  readonly catalog: ProductStream;
  /** Texts of the training products. */
  readonly texts: number;
  readonly config: TrainingConfig;
  /** At its peak. */
  readonly learningRate: number;
  /** Where the run is saved as it goes. */
  readonly folder: string;
  /** Names the data, the config and the model. */
  readonly fingerprint: string;
  readonly resume: boolean;
  /** Scores the decoder after an epoch; higher is better, undefined where there are no dev products. */
  evaluate(judge: TextJudge): Promise<{ readonly score: number; readonly results: unknown } | undefined>;
} & EpochWatcher;

/** The decoder as it is now, for judging it. */
export type TextJudge = {
  readonly writer: TextWriter;
  /** The mean loss of a token of the true texts. */
  loss(examples: readonly TextExample[]): Promise<number>;
};

/** A prompt with its answer. */
export type TextExample = {
  readonly attribute: string;
  readonly prompt: Int32Array;
  readonly answer: Int32Array;
};

/** The texts of a product. */
export function textExamples(prompts: PromptWriter, labelled: LabelledProduct): readonly TextExample[] {
  const { attributes } = prompts.spec;
  return attributes.flatMap((attribute): TextExample[] => {
    const label = labelled.labels[attribute.attribute];
    if (label === undefined || label.state === 'number') return [];
    const values = label.state === 'none' ? [] : attribute.list ? label.values : label.values.slice(0, 1);
    return [
      {
        attribute: attribute.attribute,
        prompt: prompts.prompt(attribute, withoutLabels(labelled, attribute.given)),
        answer: prompts.answer(attribute, values),
      },
    ];
  });
}

export async function trainTexts(parts: GenerateTextsParts): Promise<EpochOutcome> {
  const { config, prompts } = parts;
  const encoder = openArchitecture(prompts.spec.decoder);
  const names = encoder.parameters.map(({ name }) => name);
  const epochs = config.decoderEpochs ?? config.epochs;
  const stepsPerEpoch = Math.ceil(parts.texts / config.batchSize);
  const folder = new RunFolder(parts.folder);
  const start = await openRun(folder, parts);
  const trainer = await makeTrainer(parts, encoder);
  const { judge, close } = await makeJudge(parts, encoder);
  try {
    return await runEpochs(folder, start, {
      ...parts,
      epochs,
      stepsPerEpoch,
      names,
      batches: (epoch) =>
        steps(examplesOf(parts, epoch), lengthOf, {
          batchSize: config.batchSize,
          seed: config.seed ^ SALT,
          epoch,
        }),
      train: async (batch: readonly TextExample[], rate, step) => {
        const examples = microBatches(batch, config.maxTokensPerMicroBatch);
        return (await trainer.step(examples, rate, step, config.seed ^ SALT)).loss;
      },
      evaluate: () => parts.evaluate(judge),
    });
  } finally {
    await trainer.close();
    await close();
  }
}

/** Keeps the decoder's chance apart from the encoder's. */
const SALT = 0x6e2;

const lengthOf = ({ prompt, answer }: TextExample) => prompt.length + answer.length - 1;

/** Every text of the training products, in this epoch's order. */
async function* examplesOf(
  { catalog, config, prompts, reader }: GenerateTextsParts,
  epoch: number,
): AsyncGenerator<readonly TextExample[]> {
  for await (const chunk of catalog.products({
    sides: ['train'],
    order: 'shuffled',
    seed: hash32(config.seed, SALT, epoch),
  }))
    yield chunk.flatMap((each) => textExamples(prompts, reader.read(each)));
}

/** Loss of the tokens of the answers, of `ids` and `mask` [batch, tokens], at `guessed`, which should be `answers`. */
function textLoss(encoder: TextEncoder, dropout: Dropout) {
  const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  const scope = scopeOf((name) => tensors.get(name)!);
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const mask = input('mask', 'int32', ['batch', 'tokens']);
  const hidden = hiddenStates(encoder, scope, { ids, mask }, dropout);
  const rows = reshape(hidden, [product(['batch', 'tokens']), encoder.width]);
  const guessed = gather(rows, input('guessed', 'int32', ['guesses']));
  const answers = input('answers', 'int32', ['guesses']);
  const loss: LossTerm = crossEntropy(languageModelLogits(encoder, scope, guessed), answers);
  return { loss, tensors };
}

function microBatches(examples: readonly TextExample[], budget: number): MicroBatch[] {
  return cutByTokens(examples, { length: lengthOf }, budget).map((items) => {
    const tokens = Math.max(...items.map(lengthOf));
    const ids = new Int32Array(items.length * tokens);
    const mask = new Int32Array(ids.length);
    const guessed: number[] = [];
    const answers: number[] = [];
    for (const [row, { prompt, answer }] of items.entries()) {
      const from = row * tokens;
      ids.set(prompt, from);
      ids.set(answer.subarray(0, -1), from + prompt.length);
      mask.fill(1, from, from + prompt.length + answer.length - 1);
      for (const [i, token] of answer.entries()) {
        guessed.push(from + prompt.length - 1 + i);
        answers.push(token);
      }
    }
    const int32 = (dims: readonly number[], data: Int32Array): Value => ({ dtype: 'int32', dims, data });
    const dims = [items.length, tokens];
    return {
      weight: answers.length,
      values: {
        ids: int32(dims, ids),
        mask: int32(dims, mask),
        guessed: int32([guessed.length], Int32Array.from(guessed)),
        answers: int32([answers.length], Int32Array.from(answers)),
      },
    };
  });
}

const threadsOf = ({ threads }: TrainingConfig) => (threads === undefined ? {} : { threads });

function makeTrainer({ state, config }: GenerateTextsParts, encoder: TextEncoder): Promise<Trainer> {
  const { loss, tensors } = textLoss(encoder, trainingDropout());
  return Trainer.create(
    loss,
    encoder.parameters.map(({ name, role }) => ({
      tensor: tensors.get(name)!,
      group: {
        learningRateScale: 1,
        weightDecay: role === 'bias' || role === 'norm' ? 0 : config.weightDecay,
      },
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
      ...threadsOf(config),
    },
  );
}

/** Reads the state's own tensors, so that judging costs no copy of the weights. */
async function makeJudge({ state, prompts, config }: GenerateTextsParts, encoder: TextEncoder) {
  const { loss } = textLoss(encoder, noDropout);
  const session = await Session.create({ total: loss.total }, threadsOf(config));
  const model = await CausalSession.open(prompts.spec.decoder, state, threadsOf(config));
  const judge: TextJudge = {
    writer: new TextWriter({ prompts, model, maxTokensPerBatch: config.maxTokensPerMicroBatch }),
    loss: async (examples) => {
      let total = 0;
      let weight = 0;
      for (const { values, weight: own } of microBatches(examples, config.maxTokensPerMicroBatch)) {
        total += (await state.run(session, values)).total!.data[0]!;
        weight += own;
      }
      return weight === 0 ? 0 : total / weight;
    },
  };
  const close = async () => {
    await session.close();
    await model.close();
  };
  return { judge, close };
}
