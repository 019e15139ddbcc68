import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { closest } from '../../base/errors.ts';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { modelError } from '../errors.ts';
import type { Json, JsonObject } from './files.ts';
import { readJsonIfThere, unwritable, writeWhole } from './files.ts';
import type { Pooling } from './pooling.ts';
import { poolingFiles, readPooling } from './pooling.ts';
import type { TensorSource, WeightDtype } from './safetensors.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';
import type { Weights } from './weights.ts';
import { openWeights, writeWeights } from './weights.ts';

/** A Hugging Face folder, read: nothing in it is run. */
export type Checkpoint = {
  readonly folder: string;
  /** `config.json` as it is; the architecture reads it. */
  readonly config: JsonObject;
  readonly modelType: string;
  readonly tokenizer: Tokenizer;
  /** `tokenizer.json` and `tokenizer_config.json` as they are, to be written beside the trained weights. */
  readonly tokenizerFiles: TokenizerFiles;
  /** Weights under the names that the file has; see `alignNames`. */
  readonly weights: Weights;
  /** sentence-transformers' pooling, or undefined when the folder does not say. */
  readonly pooling: Pooling | undefined;
  /** Most tokens of an input, special ones included. */
  readonly maxTokens: number;
};

/** Of transformers' own shards. */
export const MAX_SHARD_BYTES = 5e9;

/** What `writeCheckpoint` writes. */
export type CheckpointContent = {
  readonly config: JsonObject;
  readonly tokenizerFiles: TokenizerFiles;
  readonly tensors: readonly TensorSource[];
  readonly dtype: WeightDtype;
  /** A shard is at most this large, unless one tensor is larger. */
  readonly maxShardBytes: number;
  /** When given, the folder loads in sentence-transformers too. */
  readonly pooling?: Pooling;
  /** `preprocessor_config.json` of a model that reads pictures as well. */
  readonly preprocessor?: JsonObject;
  readonly maxTokens: number;
};

/**
 * Reads `config.json`, `tokenizer.json`, the header of `model.safetensors`, and sentence-transformers' pooling.
 * @param supported - the architectures that can be built, as `model_type` names them
 * @throws models/checkpoint-missing, models/architecture-unsupported, models/pickle-refused, models/config-invalid,
 *   models/safetensors-invalid, features/tokenizer-invalid, features/tokenizer-unsupported
 */
export async function readCheckpoint(folder: string, supported: readonly string[]): Promise<Checkpoint> {
  const config = await readJsonIfThere(join(folder, 'config.json'));
  if (config === undefined) {
    throw modelError(
      'models/checkpoint-missing',
      `${folder} has no config.json, so it is no model that Attune can read.`,
      {
        hint: 'A checkpoint folder holds config.json, tokenizer.json and model.safetensors.',
      },
    );
  }
  const modelType = checkModelType(config.model_type, supported, folder);
  const weights = await openWeights(folder);
  const tokenizerFiles = await readTokenizerFiles(folder);
  return {
    folder,
    config,
    modelType,
    tokenizer: loadTokenizer(tokenizerFiles['tokenizer.json'], tokenizerFiles['tokenizer_config.json']),
    tokenizerFiles,
    weights,
    pooling: await readPooling(folder),
    maxTokens: await readMaxTokens(folder, config, modelType, tokenizerFiles['tokenizer_config.json']),
  };
}

/**
 * Writes a folder that transformers' `AutoModel.from_pretrained` loads, and sentence-transformers when `pooling` is given.
 * A new folder appears whole or not at all; in one that exists, each file is replaced whole.
 */
export async function writeCheckpoint(folder: string, content: CheckpointContent): Promise<void> {
  const { config, tokenizerFiles, tensors, dtype, maxShardBytes, pooling, maxTokens } = content;
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  const target = exists ? folder : `${folder}.${process.pid}.tmp`;
  const torchDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype];
  const files: Record<string, Json> = { ...tokenizerFiles };
  if (pooling !== undefined) Object.assign(files, poolingFiles(pooling, widthOf(config), maxTokens));
  if (content.preprocessor !== undefined) files['preprocessor_config.json'] = content.preprocessor;
  // transformers 5 calls it dtype; the earlier name is understood by all.
  files['config.json'] = { ...config, ['dtype' in config ? 'dtype' : 'torch_dtype']: torchDtype };
  try {
    await mkdir(target, { recursive: true });
    await writeWeights(target, tensors, dtype, maxShardBytes);
    for (const [name, json] of Object.entries(files)) {
      await mkdir(dirname(join(target, name)), { recursive: true });
      await writeWhole(join(target, name), (handle) =>
        handle.writeFile(`${name === 'config.json' ? configText(json) : JSON.stringify(json, null, 2)}\n`),
      );
    }
    if (!exists) await rename(target, folder);
  } catch (cause) {
    if (!exists) await rm(target, { recursive: true, force: true }).catch(() => {});
    throw unwritable(folder, cause);
  }
}

/** Keys of config.json whose values are no whole numbers, also where they look like some. */
const FLOATS =
  /"(\w*(?:_factor|_dropout|_prob|_pdrop|_eps|_range|_std|_theta|_init_value|(?<![a-z_])dropout))": (-?\d+)(?=[,\n])/g;

/** 1.0 is 1 once it was read here, which transformers refuses where it expects a float. */
function configText(json: Json): string {
  return JSON.stringify(json, null, 2).replace(FLOATS, '"$1": $2.0');
}

function checkModelType(modelType: Json | undefined, supported: readonly string[], folder: string): string {
  if (typeof modelType === 'string' && supported.includes(modelType)) return modelType;
  const near = typeof modelType === 'string' ? closest(modelType, supported) : undefined;
  const given = modelType === undefined ? 'no model_type' : `the model_type ${JSON.stringify(modelType)}`;
  throw modelError(
    'models/architecture-unsupported',
    `${join(folder, 'config.json')} has ${given}; Attune can train ${supported.join(', ')}.`,
    {
      ...(near === undefined ? {} : { hint: `Did the config mean ${near}?` }),
      details: { modelType, supported },
    },
  );
}

/** The width of the token vectors, which DistilBERT and GPT-2 call otherwise. */
function widthOf(config: JsonObject): number {
  return Number(config.hidden_size ?? config.dim ?? config.n_embd);
}

/** RoBERTa's positions start after the padding id, so two of its position embeddings are never used. */
const POSITIONS_NOT_USED: Readonly<Record<string, number>> = {
  roberta: 2,
  'xlm-roberta': 2,
  mpnet: 2,
  camembert: 2,
};

async function readMaxTokens(
  folder: string,
  config: JsonObject,
  modelType: string,
  tokenizerConfig: JsonObject | undefined,
): Promise<number> {
  const sentence = await readJsonIfThere(join(folder, 'sentence_bert_config.json'));
  const positions = config.max_position_embeddings ?? config.n_positions;
  const limits = [
    typeof positions === 'number' ? positions - (POSITIONS_NOT_USED[modelType] ?? 0) : undefined,
    sentence?.max_seq_length,
    tokenizerConfig?.model_max_length,
  ];
  // A tokenizer without a limit of its own has 1e30 there.
  const given = limits.filter(
    (limit): limit is number => typeof limit === 'number' && limit > 0 && limit < 1e9,
  );
  if (given.length === 0) {
    throw modelError(
      'models/config-invalid',
      `${join(folder, 'config.json')} has no max_position_embeddings, so nothing says how long an input may be.`,
    );
  }
  return Math.floor(Math.min(...given));
}
