import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { Json } from './files.ts';
import { readIfThere, readJsonIfThere } from './files.ts';

/** How a text's token vectors become one vector; the words are sentence-transformers'. */
const POOLING_MODES = ['mean', 'cls', 'max', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const;
export type PoolingMode = (typeof POOLING_MODES)[number];

export type Pooling = {
  /** Several are concatenated, in this order. */
  readonly modes: readonly PoolingMode[];
  /** Whether the vector is then scaled to length 1. */
  readonly normalize: boolean;
};

/** The boolean keys of a `1_Pooling/config.json` written before version 5. */
const OLD_KEYS: readonly (readonly [key: string, mode: PoolingMode])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

/**
 * Reads `modules.json` and the pooling's own config; undefined when the folder is no sentence-transformers model.
 * @throws models/architecture-unsupported for a module (Dense, LSTM, ...) that would change the embeddings
 */
export async function readPooling(folder: string): Promise<Pooling | undefined> {
  const path = join(folder, 'modules.json');
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  const modules = parseModules(bytes, path);
  let modes: readonly PoolingMode[] = ['mean'];
  let normalize = false;
  for (const { type, path: subfolder } of modules) {
    const kind = type.slice(type.lastIndexOf('.') + 1);
    if (kind === 'Pooling') modes = await readModes(join(folder, subfolder, 'config.json'));
    else if (kind === 'Normalize') normalize = true;
    else if (kind !== 'Transformer') {
      throw modelError(
        'models/architecture-unsupported',
        `${path} has a module ${type}; Attune knows Transformer, Pooling and Normalize.`,
        { hint: 'To use the encoder without it, copy the folder and leave out modules.json.' },
      );
    }
  }
  return { modes, normalize };
}

/** The files, by path in the folder, from which sentence-transformers loads the model with this pooling. */
export function poolingFiles(pooling: Pooling, width: number, maxTokens: number): Record<string, Json> {
  const module = (index: number, path: string, kind: string) => ({
    idx: index,
    name: String(index),
    path,
    type: `sentence_transformers.models.${kind}`,
  });
  const modules = [module(0, '', 'Transformer'), module(1, '1_Pooling', 'Pooling')];
  if (pooling.normalize) modules.push(module(2, '2_Normalize', 'Normalize'));
  const modes = OLD_KEYS.map(([key, mode]) => [key, pooling.modes.includes(mode)] as const);
  return {
    'modules.json': modules,
    '1_Pooling/config.json': {
      word_embedding_dimension: width,
      ...Object.fromEntries(modes),
      include_prompt: true,
    },
    'sentence_bert_config.json': { max_seq_length: maxTokens, do_lower_case: false },
    'config_sentence_transformers.json': { __version__: {}, prompts: {}, default_prompt_name: null },
  };
}

async function readModes(path: string): Promise<readonly PoolingMode[]> {
  const config = await readJsonIfThere(path);
  if (config === undefined)
    throw modelError('models/checkpoint-missing', `${path} is missing; modules.json names it.`);
  const given = config.pooling_mode;
  const named = typeof given === 'string' ? [given] : Array.isArray(given) ? given : undefined;
  const modes = named ?? OLD_KEYS.filter(([key]) => config[key] === true).map(([, mode]) => mode);
  const known = modes.filter((mode): mode is PoolingMode =>
    (POOLING_MODES as readonly unknown[]).includes(mode),
  );
  if (known.length === 0 || known.length < modes.length) {
    throw modelError(
      'models/config-invalid',
      `${path} pools by ${JSON.stringify(modes)}, expected one or more of ${POOLING_MODES.join(', ')}.`,
    );
  }
  return known;
}

function parseModules(bytes: Buffer, path: string): { type: string; path: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw modelError('models/config-invalid', `${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  const valid =
    Array.isArray(parsed) &&
    parsed.every(
      (entry) =>
        typeof entry?.type === 'string' &&
        typeof entry?.path === 'string' &&
        !/(^[/\\])|(^|[/\\])\.\.([/\\]|$)/.test(entry.path),
    );
  if (!valid) {
    throw modelError(
      'models/config-invalid',
      `${path} must be a list of modules, each with a type and a path inside the folder.`,
    );
  }
  return parsed as { type: string; path: string }[];
}
