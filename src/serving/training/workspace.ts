/**
 * The folder of a service that trains: `files` that were uploaded, `runs` with their configs and logs, `models` that came of them,
 * and `encoders`, checkpoints that whoever runs the service put there to start from.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { lockFolder } from '../../store/folder-lock.ts';
import type { ServingErrorCode } from '../errors.ts';
import { readJson, writeJson } from './json-file.ts';

/** Which versions of `models` answered last: a list of names and versions. */
export const LIVE_FILE = 'live.json';

export type Workspace = {
  readonly files: string;
  readonly runs: string;
  readonly models: string;
  /** The next version of a model: 1, 2, 3 ...; none is given twice, whatever was deleted. */
  nextVersion(model: string): Promise<string>;
  /** Names of the checkpoints that are there. */
  encoders(): Promise<readonly string[]>;
  /** Which versions answer; those of other folders are left out. */
  rememberLive(live: readonly { readonly name: string; readonly version: string }[]): Promise<void>;
  /** Lets others have the folder. */
  close(): Promise<void>;
};

/** @throws `serving/workspace-unwritable`, `store/folder-locked` where another service has it */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const [files, runs, models, encoders] = ['files', 'runs', 'models', 'encoders'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  return writing(folder, async () => {
    for (const each of [files, runs, models, encoders]) await makeFolder(each);
    const lock = await lockFolder(folder, {
      what: 'workspace',
      hint: 'One service at a time trains in a workspace. Stop the other one, or name another folder.',
    });
    const versions = join(folder, 'versions.json');
    let last: Promise<unknown> = Promise.resolve();
    return {
      files,
      runs,
      models,
      nextVersion(model) {
        const next = last.then(async () => {
          const known = (await readJson(versions)) as Readonly<Record<string, number>> | undefined;
          // Also where the list of versions was lost.
          const taken = [
            ...(await numbersAfter(`${model}-`, runs)),
            ...(await numbersAfter('', join(models, model))),
          ];
          const given = (known && Object.hasOwn(known, model) ? known[model] : undefined) ?? 0;
          const version = Math.max(given, ...taken) + 1;
          await writing(folder, () => writeJson(versions, { ...known, [model]: version }));
          return String(version);
        });
        last = next.catch(() => {});
        return next;
      },
      encoders: async () =>
        (await readdir(encoders, { withFileTypes: true }))
          .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
          .map(({ name }) => name)
          .sort(),
      async rememberLive(live) {
        const own = live.filter(({ name, version }) => existsSync(join(models, name, version)));
        await writing(folder, () =>
          writeJson(
            join(folder, LIVE_FILE),
            own.map(({ name, version }) => ({ name, version })),
          ),
        );
      },
      close: () => lock.release(),
    };
  });
}

/** Of names in a folder that are `before` and then a number; none where there is no folder. */
async function numbersAfter(before: string, folder: string): Promise<readonly number[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names
    .filter((name) => name.startsWith(before) && /^\d{1,9}$/.test(name.slice(before.length)))
    .map((name) => Number(name.slice(before.length)));
}

/** @throws `serving/workspace-unwritable` for what the system says of a file that cannot be written */
export async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (cause instanceof AttuneError || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw cause;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new AttuneError<ServingErrorCode>(
      'serving/workspace-unwritable',
      full ? 'The disk of the workspace is full.' : `The workspace ${folder} cannot be written: ${message}.`,
      {
        cause,
        hint: full
          ? 'Free some space: delete files and runs that nobody needs any more.'
          : 'Give the service a folder that it may write to: --workspace FOLDER.',
      },
    );
  }
}
