/**
 * A trained model as a folder. It holds all that prediction needs, is written whole or not at all, and never holds
 * code: `attune.json`, a Hugging Face checkpoint (the heads beside the encoder in `model.safetensors`), the lexicon.
 */
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { MODEL_TYPES } from '../models/architectures/registry.ts';
import { attributeModelParameters } from '../models/attribute/attribute-model.ts';
import type { LexiconData } from '../models/attribute/lexicon.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import {
  type Checkpoint,
  MAX_SHARD_BYTES,
  readCheckpoint,
  writeCheckpoint,
} from '../models/checkpoint/folder.ts';
import { openSafetensors, writeSafetensors } from '../models/checkpoint/safetensors.ts';
import type { TokenizerFiles } from '../models/checkpoint/tokenizer-files.ts';
import { fromTensors, numbersFromTensors, numberTensors, toTensors } from '../models/wide/wide-tensors.ts';
import { BUNDLE_FORMAT, type BundleFile } from './bundle-file.ts';
import { type DecoderPart, writeDecoderPart } from './decoder-part.ts';
import { predictionError } from './errors.ts';
import type { ProductInput } from './prediction.ts';
import { unwritable } from './unwritable.ts';
import type { WidePart } from './wide-part.ts';

export type BundleContent = {
  readonly file: Omit<BundleFile, 'format' | 'blend' | 'numberBlend' | 'members' | 'generator'>;
  readonly tokenizerFiles: TokenizerFiles;
  /** Every parameter of each member of the ensemble, the word table whole; the first is the checkpoint. */
  readonly members: readonly [ReadonlyMap<string, Float32Array>, ...ReadonlyMap<string, Float32Array>[]];
  readonly lexicon: LexiconData | undefined;
  readonly wide: WidePart | undefined;
  /** What writes texts; left out where no attribute is written. */
  readonly decoder?: DecoderPart | undefined;
  /** A few products of the test side, which an export is checked on. */
  readonly examples: readonly ProductInput[];
  /** Further files by name: the report, the model card. */
  readonly texts: Readonly<Record<string, string>>;
  /** Files to keep beside them as they are: their names in the bundle, and where they are now. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder of TensorBoard event files to keep beside them. */
  readonly events?: string;
};

const FILE = 'attune.json';
export const LEXICON_FILE = 'lexicon.json';
export const WIDE_FILE = 'wide.safetensors';
const EXAMPLES = 'examples.json';
const memberFile = (member: number) => `member-${member}.safetensors`;

/**
 * Makes sure that a bundle can be written, before the work that makes it.
 * @throws prediction/bundle-exists, prediction/unwritable
 */
export async function reserveFolder(folder: string): Promise<void> {
  const target = resolve(folder);
  refuseForeign(folder, target);
  const probe = `${target}.${process.pid}.new`;
  try {
    await makeFolder(probe);
    await rm(probe, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function refuseForeign(folder: string, target: string): void {
  if (!existsSync(target) || existsSync(join(target, FILE))) return;
  throw predictionError(
    'prediction/bundle-exists',
    `${folder} is there and is no trained model, so it is not replaced.`,
    { hint: 'Give another folder with --out.' },
  );
}

/** Writes a bundle; an older bundle of that name is replaced in one rename. */
export async function writeBundle(folder: string, content: BundleContent): Promise<void> {
  const target = resolve(folder);
  refuseForeign(folder, target);
  const made = `${target}.${process.pid}.new`;
  const specs = attributeModelParameters(content.file.model);
  const tensorsOf = (weights: ReadonlyMap<string, Float32Array>) =>
    specs.map(({ name, shape }) => ({ name, shape, read: () => weights.get(name)! }));
  try {
    await writeCheckpoint(made, {
      config: content.file.model.encoder as JsonObject,
      tokenizerFiles: content.tokenizerFiles,
      tensors: tensorsOf(content.members[0]),
      dtype: 'F32',
      maxShardBytes: MAX_SHARD_BYTES,
      pooling: { modes: [content.file.model.pooling === 'first' ? 'cls' : 'mean'], normalize: false },
      maxTokens: content.file.model.maxTokens,
    });
    for (const [i, weights] of content.members.entries())
      if (i > 0) await writeSafetensors(join(made, memberFile(i)), tensorsOf(weights));
    if (content.wide) await writeSafetensors(join(made, WIDE_FILE), wideTensors(content.wide));
    if (content.decoder) await writeDecoderPart(made, content.decoder);
    const file: BundleFile = {
      format: BUNDLE_FORMAT,
      ...content.file,
      ...(content.decoder ? { generator: content.decoder.spec } : {}),
      members: content.members.length,
      blend: content.wide?.values?.blend,
      ...(content.wide?.numbers ? { numberBlend: content.wide.numbers.blend } : {}),
    };
    await writeFile(join(made, FILE), `${JSON.stringify(file, null, 1)}\n`);
    await writeFile(join(made, EXAMPLES), `${JSON.stringify(content.examples, null, 1)}\n`);
    if (content.events !== undefined && existsSync(content.events))
      await cp(content.events, join(made, 'events'), { recursive: true });
    for (const [name, from] of Object.entries(content.files ?? {})) await cp(from, join(made, name));
    if (content.lexicon) await writeFile(join(made, LEXICON_FILE), JSON.stringify(content.lexicon));
    for (const [name, text] of Object.entries(content.texts)) await writeFile(join(made, name), text);
    await replaceFolder(made, target);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw unwritable(folder, cause);
  }
}

/** Two renames: the old folder aside, the new one in; the old one goes last. */
async function replaceFolder(made: string, target: string): Promise<void> {
  await makeFolder(join(target, '..'));
  if (!existsSync(target)) return rename(made, target);
  const aside = `${target}.${process.pid}.old`;
  await rename(target, aside);
  await rename(made, target);
  await rm(aside, { recursive: true, force: true });
}

export type ReadBundle = {
  readonly folder: string;
  readonly file: BundleFile;
  readonly checkpoint: Checkpoint;
  readonly lexicon: LexiconData | undefined;
  readonly wide: WidePart | undefined;
  /** Products of the test side. */
  readonly examples: readonly ProductInput[];
};

/** @throws prediction/bundle-missing, prediction/bundle-invalid, and what reading a checkpoint throws */
export async function readBundle(folder: string): Promise<ReadBundle> {
  const text = await readFile(join(folder, FILE), 'utf8').catch((cause) => {
    throw predictionError(
      'prediction/bundle-missing',
      `${folder} has no ${FILE}, so it is no trained model.`,
      { cause, hint: 'Train one with `attune train products.csv --out FOLDER`.' },
    );
  });
  let file: BundleFile;
  try {
    file = JSON.parse(text) as BundleFile;
  } catch (cause) {
    throw predictionError('prediction/bundle-invalid', `${join(folder, FILE)} is no JSON.`, { cause });
  }
  if (file.format !== BUNDLE_FORMAT) {
    throw predictionError(
      'prediction/bundle-invalid',
      `${join(folder, FILE)} has format ${String(file.format)}; this Attune reads ${BUNDLE_FORMAT}.`,
      { hint: 'Train the model again with this version.' },
    );
  }
  const checkpoint = await readCheckpoint(folder, MODEL_TYPES);
  const lexicon = file.model.spans ? await readPart<LexiconData>(folder, LEXICON_FILE) : undefined;
  const examples = await readPart<readonly ProductInput[]>(folder, EXAMPLES);
  const wide = await readWide(folder, file);
  const name = file.name || basename(resolve(folder));
  return { folder, file: { ...file, name }, checkpoint, lexicon, wide, examples };
}

async function readPart<T>(folder: string, name: string): Promise<T> {
  try {
    return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
  } catch (cause) {
    throw predictionError(
      'prediction/bundle-invalid',
      `${join(folder, name)} is missing or no JSON, so the model is not whole.`,
      { cause, hint: 'Copy the whole folder again, or train the model again.' },
    );
  }
}

/**
 * Weights of every member of the ensemble, by name.
 * @throws prediction/bundle-invalid where a tensor is not of the size that this version of Attune reads
 */
export async function readMembers({
  folder,
  file,
  checkpoint,
}: ReadBundle): Promise<readonly ReadonlyMap<string, Float32Array>[]> {
  const specs = attributeModelParameters(file.model);
  const members: ReadonlyMap<string, Float32Array>[] = [];
  for (let i = 0; i < file.members; i++) {
    const read =
      i === 0 ? checkpoint.weights.read : (await openSafetensors(join(folder, memberFile(i)))).read;
    const weights = new Map<string, Float32Array>();
    for (const { name, shape } of specs) {
      const values = await read(name);
      const size = shape.reduce((a, b) => a * b, 1);
      if (values.length !== size) throw otherVersion(folder, file, name, [values.length, size]);
      weights.set(name, values);
    }
    members.push(weights);
  }
  return members;
}

function otherVersion(
  folder: string,
  { version }: BundleFile,
  name: string,
  [found, read]: readonly [number, number],
) {
  return predictionError(
    'prediction/bundle-invalid',
    `The tensor ${name} of ${folder} has ${found} numbers; this Attune reads ${read}. The model was trained by version ${version} of Attune.`,
    { hint: 'Train the model again with this version.', details: { name, found, read } },
  );
}

const wideTensors = ({ values, numbers }: WidePart) => [
  ...(values ? toTensors(values.model) : []),
  ...(numbers ? numberTensors(numbers.model) : []),
];

async function readWide(
  folder: string,
  { blend, numberBlend, model }: BundleFile,
): Promise<WidePart | undefined> {
  if (blend === undefined && numberBlend === undefined) return undefined;
  const { read } = await openSafetensors(join(folder, WIDE_FILE));
  return {
    values: blend && { blend, model: await fromTensors(model.choices, read) },
    numbers: numberBlend && { blend: numberBlend, model: await numbersFromTensors(model.numbers, read) },
  };
}
