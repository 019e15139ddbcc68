/** What `attune pretrain` starts from: an encoder and the head that guesses words, of a checkpoint or of random weights. */
import { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { State } from '../graph/state.ts';
import type { TextEncoder } from '../models/architectures/encoder.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { languageModelParameters } from '../models/heads/language-model.ts';
import { initialValues, type ParameterSpec } from '../models/layers/parameters.ts';
import type { ModelConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import { openStart, type Start } from './start.ts';

export type PretrainStart = {
  readonly start: Start;
  readonly encoder: TextEncoder;
  /** Of the encoder and of its head. */
  readonly parameters: readonly ParameterSpec[];
};

/**
 * @param folder - of the checkpoint; undefined for an encoder of random weights
 * @throws training/bad-setting for an encoder that does not learn by guessing hidden words, and what reading a checkpoint throws
 */
export async function openPretrainStart(
  catalog: Catalog,
  model: ModelConfig,
  folder: string | undefined,
  fields: readonly string[],
): Promise<PretrainStart> {
  const { width, heads } = model;
  if (folder === undefined && heads !== undefined && width % heads !== 0) {
    throw trainingError(
      'training/bad-setting',
      `model.heads is ${heads}, among which model.width, ${width}, cannot be shared evenly.`,
      { hint: `Set model.heads to a divisor of ${width}, or leave it out.` },
    );
  }
  const start = await openStart(model, folder, () => textsOf(catalog, fields));
  const encoder = openArchitecture(start.encoder);
  if (encoder.causal || start.tokenizer.special.mask === undefined) {
    throw trainingError(
      'training/bad-setting',
      `Pretraining hides words, and ${start.description} does not learn so: ${encoder.causal ? 'it reads from left to right' : 'its tokenizer has no mask token'}.`,
      { hint: 'Set model.text to a BERT, RoBERTa, DistilBERT, MPNet or ModernBERT, or to small.' },
    );
  }
  return { start, encoder, parameters: [...encoder.parameters, ...languageModelParameters(encoder)] };
}

/** Every parameter's first value: the checkpoint's where it has one, else drawn. */
export async function pretrainState({ start, parameters }: PretrainStart, seed: number): Promise<State> {
  const state = new State();
  const random = new Random(seed, 0x3a61);
  for (const each of parameters) {
    const known = start.weights?.has(each.name) === true;
    state.set(
      each.name,
      each.shape,
      known ? await start.weights!.read(each.name) : initialValues(each, random),
    );
  }
  return state;
}

async function* textsOf(catalog: Catalog, fields: readonly string[]): AsyncGenerator<string> {
  for await (const chunk of catalog.products({ sides: ['train'] }))
    for (const { texts } of chunk) for (const field of fields) if (texts[field]) yield texts[field];
}
