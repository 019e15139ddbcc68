/**
 * Teaches an encoder a catalog's texts: words are hidden and guessed from those around them; Devlin et al. 2019,
 * https://arxiv.org/abs/1810.04805. Texts stand packed in rows, as Liu et al. 2019, https://arxiv.org/abs/1907.11692 (RoBERTa), found
 * to be as good as single ones. Saves, and going on after a kill: epochs.ts, whose epochs are here equal stretches of steps.
 */
import { hash32, Random } from '../../base/random.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import type { State } from '../../graph/state.ts';
import type { TextEncoder } from '../../models/architectures/encoder.ts';
import { cutByTokens } from '../../models/attribute/runner.ts';
import { type Dropout, noDropout, trainingDropout } from '../../models/layers/dropout.ts';
import type { TrainingConfig } from '../config.ts';
import { type EpochOutcome, type EpochWatcher, type EpochWork, openRun, runEpochs } from '../epochs.ts';
import { type HidingOptions, hideWords, maskedGraph } from '../masked-tokens.ts';
import { packRows, readTokens, rowCount, type WholeRow } from '../packed-rows.ts';
import type { PretrainConfig } from '../pretrain-config.ts';
import { RunFolder } from '../run-folder.ts';
import { Trainer } from '../step.ts';
import type { ProductStream } from '../survey.ts';

export type PretrainTextParts = {
  readonly encoder: TextEncoder;
  /** Holds the parameters of the encoder and of its head. */
  readonly state: State;
  readonly tokenizer: Tokenizer;
  readonly catalog: ProductStream;
  readonly fields: readonly string[];
  readonly steps: PretrainSteps;
  readonly settings: Pick<PretrainConfig, 'maxTokens' | 'guessed' | 'dropout'>;
  /** At its peak. */
  readonly learningRate: number;
  readonly config: TrainingConfig;
  readonly folder: string;
  readonly fingerprint: string;
  readonly resume: boolean;
} & EpochWatcher &
  Pick<EpochWork<WholeRow>, 'evaluate'>;

/** How long a run is, from how many tokens there are. */
export type PretrainSteps = {
  readonly rowsPerStep: number;
  /** Of a pass over the training texts. */
  readonly stepsPerPass: number;
  /** Equal stretches, after each of which the encoder is judged, and their steps. */
  readonly rounds: number;
  readonly stepsPerRound: number;
};

/** Keeps this recipe's chance apart from others'. */
const SALT = 0x3a5e;

/** @param tokens - of the training texts, each with what closes it */
export function planSteps(
  tokens: number,
  { maxTokens, batchTokens, epochs, steps, reports }: PretrainConfig,
  cls: number | undefined,
): PretrainSteps {
  const rowsPerStep = Math.max(1, Math.floor(batchTokens / maxTokens));
  const stepsPerPass = Math.ceil(rowCount(tokens, { length: maxTokens, cls }) / rowsPerStep);
  const wanted = steps ?? epochs * stepsPerPass;
  const stepsPerRound = Math.ceil(wanted / reports);
  return { rowsPerStep, stepsPerPass, rounds: Math.ceil(wanted / stepsPerRound), stepsPerRound };
}

/** @returns the parameters of the round with the lowest loss on the dev products; `state` has those of the last */
export async function pretrainText(parts: PretrainTextParts): Promise<EpochOutcome> {
  const { encoder, state, config, settings, steps } = parts;
  const folder = new RunFolder(parts.folder);
  const position = await openRun(folder, parts);
  const dropout = settings.dropout ? trainingDropout() : noDropout;
  const { trainer, names } = await maskedTrainer(encoder, state, config, dropout);
  const options = hidingOptions(encoder, parts.tokenizer, settings.guessed);
  const stream = new StepStream(parts);
  try {
    return await runEpochs<WholeRow>(folder, position, {
      ...parts,
      // No patience: the loss stands still for a while before it falls.
      config: { ...config, patience: steps.rounds },
      epochs: steps.rounds,
      stepsPerEpoch: steps.stepsPerRound,
      names,
      batches: (round) => stream.take(round * steps.stepsPerRound, steps.stepsPerRound),
      train: async (rows, rate, step) => {
        const random = new Random(config.seed, SALT, step);
        const length = ({ ids }: WholeRow) => ids.length;
        const micro = cutByTokens(rows, { length }, config.maxTokensPerMicroBatch).map((some) =>
          hideWords(some, options, random),
        );
        return (await trainer.step(micro, rate, step, config.seed ^ SALT)).loss;
      },
    });
  } finally {
    await stream.close();
    await trainer.close();
  }
}

/** How words are hidden from an encoder whose tokenizer has a token for that. */
export function hidingOptions(
  { vocabulary }: Pick<TextEncoder, 'vocabulary'>,
  { special }: Pick<Tokenizer, 'special'>,
  share: number,
): HidingOptions {
  const ids = Object.values(special).filter((id): id is number => id !== undefined);
  return { share, special: new Set(ids), mask: special.mask!, pad: special.pad, vocabulary };
}

/** A trainer of an encoder with its head, and the names of what it trains. */
export async function maskedTrainer(
  encoder: TextEncoder,
  state: State,
  { beta1, beta2, epsilon, weightDecay, clipNorm, threads }: Omit<TrainingConfig, 'optimizer'>,
  dropout: Dropout,
): Promise<{ readonly trainer: Trainer; readonly names: readonly string[] }> {
  const { loss, specs, parameters } = maskedGraph(encoder, dropout);
  const trainer = await Trainer.create(
    loss,
    specs.map(({ name, role }) => ({
      tensor: parameters.get(name)!,
      group: { learningRateScale: 1, weightDecay: role === 'bias' || role === 'norm' ? 0 : weightDecay },
    })),
    state,
    {
      optimizer: { kind: 'adamw', beta1, beta2, epsilon, weightDecay },
      clipNorm: clipNorm ?? undefined,
      averageDecay: undefined,
      ...(threads === undefined ? {} : { threads }),
    },
  );
  return { trainer, names: specs.map(({ name }) => name) };
}

/** The rows of each step: pass after pass over the training products, each in an order of its own. */
class StepStream {
  readonly #parts: PretrainTextParts;
  /** The step that comes next of `#pass`. */
  #at = -1;
  #pass: AsyncGenerator<readonly WholeRow[]> | undefined;

  constructor(parts: PretrainTextParts) {
    this.#parts = parts;
  }

  /** @param from - counted from 0; where it does not go on from the last step, the pass is read anew up to there */
  async *take(from: number, count: number): AsyncGenerator<readonly WholeRow[]> {
    if (from !== this.#at) {
      const { stepsPerPass } = this.#parts.steps;
      const pass = Math.floor(from / stepsPerPass);
      await this.#open(pass);
      for (let step = pass * stepsPerPass; step < from; step++) await this.#pass!.next();
      this.#at = from;
    }
    for (let taken = 0; taken < count; taken++) yield await this.#next();
  }

  /** Stops reading the catalog. */
  async close(): Promise<void> {
    await this.#pass?.return(undefined);
  }

  async #next(): Promise<readonly WholeRow[]> {
    const { stepsPerPass } = this.#parts.steps;
    if (this.#at % stepsPerPass === 0) await this.#open(this.#at / stepsPerPass);
    const { value } = await this.#pass!.next();
    this.#at++;
    return value as readonly WholeRow[];
  }

  async #open(pass: number): Promise<void> {
    await this.close();
    this.#pass = passOf(this.#parts, pass);
  }
}

async function* passOf(
  { catalog, fields, tokenizer, settings, steps, config }: PretrainTextParts,
  pass: number,
): AsyncGenerator<readonly WholeRow[]> {
  const seed = hash32(config.seed, SALT, pass);
  async function* texts() {
    for await (const chunk of catalog.products({ sides: ['train'], order: 'shuffled', seed }))
      yield chunk.flatMap((product) => readTokens(product, fields, tokenizer) ?? []);
  }
  let rows: WholeRow[] = [];
  for await (const row of packRows(texts(), { length: settings.maxTokens, cls: tokenizer.special.cls })) {
    rows.push(row);
    if (rows.length < steps.rowsPerStep) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}
