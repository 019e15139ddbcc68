/**
 * Where the service finds models: the bundles that were named when it started, and a folder of bundles. In the folder each folder
 * is a model: a bundle, or one folder a version, as Triton's model repository has it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { predictionError } from '../prediction/errors.ts';

/** A bundle to serve: the name that clients use, a version, and where it is. */
export type NamedBundle = {
  /** The bundle's own when left out. */
  readonly name?: string;
  /** Made of what the bundle says of itself when left out. */
  readonly version?: string;
  readonly folder: string;
};

export type ModelSource = { readonly name: string; readonly version: string; readonly folder: string };

/** Digits of a version that is made of a hash: enough that no two models of a shop have the same. */
const VERSION_DIGITS = 12;
const FILE = 'attune.json';

/**
 * `folder`, `name=folder` or `name@version=folder`.
 * @throws prediction/bad-option
 */
export function parseNamedBundle(text: string): NamedBundle {
  const equals = text.indexOf('=');
  if (equals < 0) return { folder: text };
  const [name = '', version, ...more] = text.slice(0, equals).split('@');
  const folder = text.slice(equals + 1);
  if (name === '' || version === '' || folder === '' || more.length > 0)
    throw predictionError('prediction/bad-option', `"${text}" names no model.`, {
      hint: 'Write FOLDER, NAME=FOLDER or NAME@VERSION=FOLDER.',
    });
  return { name, folder, ...(version === undefined ? {} : { version }) };
}

/**
 * The name and the version of each, in their order.
 * @throws prediction/bundle-missing, prediction/bad-option where two have the same name and version
 */
export async function resolveSources(bundles: readonly NamedBundle[]): Promise<readonly ModelSource[]> {
  const sources: ModelSource[] = [];
  for (const { name, version, folder } of bundles) {
    const own = await identityOf(folder);
    const source = {
      name: name ?? (own.name || basename(resolve(folder))),
      version: version ?? own.identity.slice(0, VERSION_DIGITS),
      folder,
    };
    const same = sources.find((one) => one.name === source.name && one.version === source.version);
    if (same !== undefined)
      throw predictionError(
        'prediction/bad-option',
        `${same.folder} and ${folder} are both version ${source.version} of the model "${source.name}".`,
        { hint: 'Give them names of their own, NAME=FOLDER, or versions, NAME@VERSION=FOLDER.' },
      );
    sources.push(source);
  }
  return sources;
}

/**
 * The bundles of a folder of models: of each model the newest version first. What is no bundle is passed over.
 * @throws prediction/bundle-missing where the folder cannot be read
 */
export async function sourcesIn(repository: string): Promise<readonly ModelSource[]> {
  const found: ModelSource[] = [];
  const names = await foldersOf(repository).catch((cause: Error) => {
    throw predictionError(
      'prediction/bundle-missing',
      `The folder of models ${repository} cannot be read: ${cause.message}.`,
      { cause, hint: 'Name a folder of trained models, or of folders of their versions.' },
    );
  });
  for (const name of names) {
    const folder = join(repository, name);
    if (existsSync(join(folder, FILE))) {
      const { identity } = await identityOf(folder);
      found.push({ name, version: identity.slice(0, VERSION_DIGITS), folder });
      continue;
    }
    // A link may lead to a file, or nowhere.
    const inside = await foldersOf(folder).catch(() => []);
    const versions = inside.filter((version) => existsSync(join(folder, version, FILE)));
    found.push(...versions.reverse().map((version) => ({ name, version, folder: join(folder, version) })));
  }
  return found;
}

/** The same for two bundles that are the same, wherever they are; another one for every other. */
export async function identityOf(
  folder: string,
): Promise<{ readonly identity: string; readonly name: string }> {
  const text = await readFile(join(folder, FILE), 'utf8').catch((cause) => {
    throw predictionError(
      'prediction/bundle-missing',
      `${folder} has no ${FILE}, so it is no trained model.`,
      {
        cause,
        hint: 'Train one with `attune train products.csv --out FOLDER`.',
      },
    );
  });
  return { identity: createHash('sha256').update(text).digest('hex'), name: nameIn(text) };
}

/** Empty where the file is no JSON: whoever opens the bundle says so. */
function nameIn(text: string): string {
  try {
    return String((JSON.parse(text) as { name?: unknown }).name ?? '');
  } catch {
    return '';
  }
}

/** Names of the folders in a folder, 2 before 10; none that begin with a dot. */
async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
