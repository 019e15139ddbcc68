/** What a model starts from: a checkpoint's weights, or a small encoder of random ones with a vocabulary of its own. */
import { Random } from '../base/random.ts';
import { loadTokenizer } from '../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import { trainWordPiece } from '../features/text/train-wordpiece.ts';
import { State } from '../graph/state.ts';
import { carriedAlong } from '../models/architectures/carried-along.ts';
import { MODEL_TYPES, openArchitecture } from '../models/architectures/registry.ts';
import { attributeModelParameters } from '../models/attribute/attribute-model.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { readCheckpoint } from '../models/checkpoint/folder.ts';
import { alignNames, checkTensors } from '../models/checkpoint/tensor-names.ts';
import type { TokenizerFiles } from '../models/checkpoint/tokenizer-files.ts';
import type { Weights } from '../models/checkpoint/weights.ts';
import { initialValues, type ParameterSpec } from '../models/layers/parameters.ts';
import type { ModelConfig } from '../training/config.ts';
import type { OtherInputs } from './other-inputs.ts';
import type { WarmStart } from './warm-start.ts';

export type Start = {
  readonly encoder: Readonly<Record<string, unknown>>;
  readonly tokenizer: Tokenizer;
  readonly tokenizerFiles: TokenizerFiles;
  readonly pooling: 'mean' | 'first';
  readonly maxTokens: number;
  /** Undefined for an encoder of random weights. */
  readonly weights: Weights | undefined;
  /** For the plan: "all-MiniLM-L6-v2 (bert, 6 layers, 384 wide)". */
  readonly description: string;
};

const HEAD_WIDTH = 32;

/**
 * @param texts - of the training products, for the vocabulary of an encoder that starts from nothing
 * @param continued - whether the folder is a trained model, whose heads stand beside its encoder
 */
export async function openStart(
  config: ModelConfig,
  folder: string | undefined,
  texts: () => AsyncIterable<string>,
  continued = false,
): Promise<Start> {
  return folder === undefined ? smallStart(config, texts) : checkpointStart(config, folder, continued);
}

async function checkpointStart(config: ModelConfig, folder: string, continued: boolean): Promise<Start> {
  const checkpoint = await readCheckpoint(folder, MODEL_TYPES);
  const encoder = openArchitecture(checkpoint.config);
  const weights = alignNames(
    checkpoint.weights,
    encoder.parameters.map(({ name }) => name),
  );
  checkTensors(new Map(encoder.parameters.map(({ name, shape }) => [name, shape])), weights, {
    ignore: continued ? [/./] : [...carriedAlong(encoder, false)],
  });
  const first = checkpoint.pooling?.modes[0] === 'cls';
  return {
    encoder: checkpoint.config,
    tokenizer: checkpoint.tokenizer,
    tokenizerFiles: checkpoint.tokenizerFiles,
    pooling: config.pooling ?? (first ? 'first' : 'mean'),
    maxTokens: Math.min(config.maxTokens, checkpoint.maxTokens, encoder.maxTokens),
    weights,
    description: `${folder} (${encoder.modelType}, ${encoder.layers} layers, ${encoder.width} wide)`,
  };
}

async function smallStart(config: ModelConfig, texts: () => AsyncIterable<string>): Promise<Start> {
  const files = await trainWordPiece(texts(), { vocabularySize: config.vocabulary });
  const tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  const { width, layers, maxTokens, heads = width / HEAD_WIDTH } = config;
  return {
    encoder: {
      architectures: ['BertModel'],
      model_type: 'bert',
      vocab_size: tokenizer.vocabularySize,
      hidden_size: width,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: 4 * width,
      max_position_embeddings: maxTokens,
      type_vocab_size: 2,
      pad_token_id: tokenizer.special.pad,
    },
    tokenizer,
    tokenizerFiles: files as TokenizerFiles,
    pooling: config.pooling ?? 'mean',
    maxTokens,
    weights: undefined,
    description: `small (an encoder of ${layers} layers, ${width} wide, from random weights, ${tokenizer.vocabularySize} word pieces)`,
  };
}

/**
 * Every parameter's first value: the checkpoint's where it has one (the word table's kept rows), else drawn.
 * @param others - first values of what stands beside the text encoder
 * @param warm - those of an earlier model, which come first
 */
export async function initialState(
  spec: AttributeModelSpec,
  start: Start,
  seed: number,
  others: OtherInputs['weights'],
  warm?: WarmStart,
): Promise<State> {
  const state = new State();
  const random = new Random(seed, 0x1417);
  for (const parameter of attributeModelParameters(spec)) {
    const drawn = () => initialValues(parameter, random);
    const other = warm?.(spec, parameter, drawn) ?? (await others(parameter.name));
    if (other) {
      state.set(parameter.name, parameter.shape, other);
      continue;
    }
    const values = await checkpointValues(spec, start, parameter);
    state.set(parameter.name, parameter.shape, values ?? drawn());
  }
  return state;
}

/** The checkpoint's values of a parameter of the text encoder, of the word table the kept rows; undefined where it has none. */
export async function checkpointValues(
  spec: AttributeModelSpec,
  { weights }: Pick<Start, 'weights'>,
  { name, shape }: Pick<ParameterSpec, 'name' | 'shape'>,
): Promise<Float32Array | undefined> {
  if (!weights?.has(name)) return undefined;
  const values = await weights.read(name);
  if (spec.vocabulary === undefined || name !== openArchitecture(spec.encoder).wordTable) return values;
  return rowsOf(values, shape[1]!, spec.vocabulary);
}

function rowsOf(table: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const kept = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) kept.set(table.subarray(row * width, (row + 1) * width), i * width);
  return kept;
}

/**
 * The word table whole again: trained rows in their places, the others as weight decay left them.
 * @param unseenDecay - product over the steps of 1 - rate * decay
 */
export async function wholeTable(
  trained: Float32Array,
  spec: AttributeModelSpec,
  start: Start,
  unseenDecay: number,
): Promise<Float32Array> {
  if (spec.vocabulary === undefined) return trained;
  const encoder = openArchitecture(spec.encoder);
  const table = Float32Array.from(
    await start.weights!.read(encoder.wordTable),
    (value) => value * unseenDecay,
  );
  for (const [i, row] of spec.vocabulary.entries())
    table.set(trained.subarray(i * encoder.width, (i + 1) * encoder.width), row * encoder.width);
  return table;
}
