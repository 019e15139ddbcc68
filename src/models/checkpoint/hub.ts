import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { AttuneError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { silent } from '../../base/progress.ts';
import { modelError } from '../errors.ts';
import type { CachedModel, Reads } from './hub-cache.ts';
import {
  blobPath,
  cachedCommit,
  cachedModel,
  linkFile,
  missingFiles,
  PREPROCESSOR,
  rememberCommit,
  snapshotFolder,
} from './hub-cache.ts';
import type { HubFile } from './hub-download.ts';
import { downloadFile, reason } from './hub-download.ts';
import type { HubSettings } from './hub-settings.ts';
import { readHubSettings } from './hub-settings.ts';

export type ResolveOptions = {
  /** What the encoder reads, which decides the files that it needs; texts unless given. */
  readonly reads?: Reads;
  /** Told the bytes received. */
  readonly progress?: Progress;
  /** Branch, tag or commit; `main` unless given. */
  readonly revision?: string;
  /** Instead of the process's own; see `HubSettings`. */
  readonly environment?: NodeJS.ProcessEnv;
};

/**
 * The folder of a model: a folder that exists is used as it is; a hub name (`org/name`) is looked for in the local Hugging
 * Face cache, and downloaded there if it is not complete. What is in the cache is used without asking the hub.
 * @throws models/name-invalid, models/hub-unreachable (saying what to put where), models/hub-refused,
 *   models/pickle-refused, models/download-damaged
 */
export async function resolveModel(nameOrFolder: string, options: ResolveOptions = {}): Promise<string> {
  const { reads = 'text', progress = silent, revision = 'main', environment = process.env } = options;
  const found = await stat(nameOrFolder).catch(() => undefined);
  if (found?.isDirectory() === true) return nameOrFolder;
  checkName(nameOrFolder, revision, reads);
  const asked: Asked = { name: nameOrFolder, revision, reads };
  const settings = await readHubSettings(environment);
  const model = cachedModel(settings.cache, nameOrFolder);
  const commit = await cachedCommit(model, revision);
  if (commit !== undefined && (await missingFiles(snapshotFolder(model, commit), reads)).length === 0) {
    return snapshotFolder(model, commit);
  }
  if (settings.offline) throw unreachable(asked, settings, 'HF_HUB_OFFLINE forbids to ask the hub');
  return download(asked, settings, model, progress);
}

/** A model as a caller wants it. */
type Asked = { readonly name: string; readonly revision: string; readonly reads: Reads };

async function download(
  asked: Asked,
  settings: HubSettings,
  model: CachedModel,
  progress: Progress,
): Promise<string> {
  const { name, revision } = asked;
  const { endpoint } = settings;
  const ask = withToken(settings);
  const { commit, files } = await describe(asked, settings, ask);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  progress({ kind: 'stage', stage: `download ${name}`, total });
  let before = 0;
  for (const file of files) {
    const blob = blobPath(model, file.hash.hex);
    const url = `${endpoint}/${name}/resolve/${commit}/${file.path}`;
    await downloadFile(file, url, blob, ask, (bytes) => {
      progress({ kind: 'advance', done: before + bytes, note: file.path });
    });
    await linkFile(model, commit, file.path, blob);
    before += file.bytes;
    progress({ kind: 'advance', done: before, note: file.path });
  }
  await rememberCommit(model, revision, commit);
  return snapshotFolder(model, commit);
}

/** Asks the hub which commit a revision is, and which files of it are needed. */
async function describe(
  asked: Asked,
  settings: HubSettings,
  ask: typeof fetch,
): Promise<{ commit: string; files: readonly HubFile[] }> {
  const { name, revision, reads } = asked;
  const hub = { hubUrl: settings.endpoint, fetch: ask };
  try {
    const { sha } = await modelInfo({ ...hub, name, revision, additionalFields: ['sha'] });
    if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha))
      throw new Error(`the hub gave the commit ${sha}`);
    const listed: HubFile[] = [];
    const paths = new Set<string>();
    for await (const entry of listFiles({ ...hub, repo: name, revision: sha, recursive: true })) {
      if (entry.type !== 'file') continue;
      paths.add(entry.path);
      const hex = entry.lfs?.oid ?? entry.oid ?? '';
      const kind = entry.lfs === undefined ? 'git' : 'sha256';
      if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(hex)) continue;
      listed.push({ path: entry.path, bytes: entry.lfs?.size ?? entry.size, hash: { kind, hex } });
    }
    return {
      commit: sha,
      files: listed.filter(({ path }) => isNeeded(path, checkComplete(paths, asked), reads)),
    };
  } catch (cause) {
    if (cause instanceof AttuneError) throw cause;
    if (cause instanceof HubApiError) throw refused(name, revision, settings, cause);
    throw unreachable(asked, settings, `${settings.endpoint} cannot be reached: ${reason(cause)}`, cause);
  }
}

const TEXT_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
];
const VOCABULARY_FILES = ['vocab.txt', 'vocab.json', 'merges.txt'];

function isNeeded(path: string, all: ReadonlySet<string>, reads: Reads): boolean {
  if (path === 'config.json') return true;
  if (reads !== 'text' && path === PREPROCESSOR) return true;
  const ofText = TEXT_FILES.includes(path) || /^\d+_[A-Za-z]+\/config\.json$/.test(path);
  if (ofText) return reads === 'text';
  if (VOCABULARY_FILES.includes(path)) return reads === 'text' && !all.has('tokenizer.json');
  if (all.has('model.safetensors')) return path === 'model.safetensors';
  return path === 'model.safetensors.index.json' || /^model-\d{5}-of-\d{5}\.safetensors$/.test(path);
}

/** Refuses a model that has no config, no preprocessor or no safetensors, before anything is downloaded. */
function checkComplete(paths: ReadonlySet<string>, { name, reads }: Asked): ReadonlySet<string> {
  if (reads !== 'text' && paths.has('config.json') && !paths.has(PREPROCESSOR)) {
    throw modelError(
      'models/hub-refused',
      `${name} has no ${PREPROCESSOR}, so nothing says how to make of ${WHAT[reads]} what it reads.`,
      { hint: `Name a model of ${WHAT[reads]}.` },
    );
  }
  if (
    paths.has('config.json') &&
    (paths.has('model.safetensors') || paths.has('model.safetensors.index.json'))
  ) {
    return paths;
  }
  if (paths.has('config.json') && paths.has('pytorch_model.bin')) {
    throw modelError(
      'models/pickle-refused',
      `${name} has its weights only as pytorch_model.bin, a Python pickle. Loading a pickle runs code from it, so Attune does not.`,
      {
        hint:
          `Convert it where you trust it, in Python: from transformers import AutoModel, ${PROCESSOR_CLASS[reads]}; ` +
          `AutoModel.from_pretrained("${name}").save_pretrained("converted"); ` +
          `${PROCESSOR_CLASS[reads]}.from_pretrained("${name}").save_pretrained("converted"). Then name that folder.`,
      },
    );
  }
  throw modelError(
    'models/hub-refused',
    `${name} has no config.json with model.safetensors, so it is no model that Attune can read.`,
  );
}

const WHAT: Readonly<Record<Reads, string>> = { text: 'texts', image: 'pictures', audio: 'sounds' };
const PROCESSOR_CLASS: Readonly<Record<Reads, string>> = {
  text: 'AutoTokenizer',
  image: 'AutoImageProcessor',
  audio: 'AutoFeatureExtractor',
};

function checkName(name: string, revision: string, reads: Reads): void {
  const isName = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/.test(name) && !/\.\.|--/.test(name);
  const isRevision = /^[A-Za-z0-9][\w./-]*$/.test(revision) && !revision.includes('..');
  if (isName && isRevision) return;
  const problem = isName
    ? `${JSON.stringify(revision)} is no branch, tag or commit.`
    : `${JSON.stringify(name)} is neither a folder that exists nor a model name like org/name.`;
  throw modelError('models/name-invalid', problem, {
    hint: `Give a folder with config.json, ${reads === 'text' ? 'tokenizer.json' : PREPROCESSOR} and model.safetensors, or a name from the Hugging Face hub.`,
  });
}

/** A fetch that shows the token to the hub, and to nobody that the hub redirects to. */
function withToken({ token, endpoint }: HubSettings): typeof fetch {
  return (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init?.headers);
    if (token !== undefined && new URL(address).origin === new URL(endpoint).origin) {
      headers.set('Authorization', `Bearer ${token}`);
    }
    return fetch(input, { ...init, headers });
  };
}

function refused(name: string, revision: string, settings: HubSettings, cause: HubApiError): Error {
  const { statusCode } = cause;
  const needsToken = statusCode === 401 || statusCode === 403;
  const problem = needsToken
    ? 'it does not exist, is private, or asks for terms to be accepted'
    : statusCode === 404
      ? `there is no such model, or no revision ${revision} of it`
      : `it answered ${statusCode}`;
  const hint = needsToken
    ? `Check the name; if it is right, accept its terms on ${settings.endpoint}/${name} and set HF_TOKEN.`
    : `Check the name on ${settings.endpoint}/${name}.`;
  return modelError('models/hub-refused', `The hub does not give ${name}: ${problem}.`, { hint, cause });
}

function unreachable({ name, reads }: Asked, settings: HubSettings, problem: string, cause?: unknown): Error {
  const folder = `./${basename(name)}`;
  const files =
    reads === 'text'
      ? [
          'config.json, tokenizer.json, tokenizer_config.json, model.safetensors (or model.safetensors.index.json and all its',
          'shards) and, where the model has them, modules.json, 1_Pooling/config.json and sentence_bert_config.json.',
          `Put them in the folder ${folder} beside attune.yaml, keeping 1_Pooling as a folder, and write in attune.yaml:`,
        ]
      : [
          `config.json, ${PREPROCESSOR} and model.safetensors (or model.safetensors.index.json and all its shards).`,
          `Put them in the folder ${folder} beside attune.yaml, and write in attune.yaml:`,
        ];
  return modelError(
    'models/hub-unreachable',
    `The model ${name} is not in the cache (${settings.cache}), and ${problem}.`,
    {
      hint: [
        `Where there is a connection, take these files from ${settings.endpoint}/${name}/tree/main:`,
        ...files,
        `model: {${reads}: ${folder}}`,
      ].join('\n'),
      details: { name, cache: settings.cache, folder },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
