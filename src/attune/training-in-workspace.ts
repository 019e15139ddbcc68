/** How the service trains: in a workspace, by the command line of this package, with a config that names no path of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkConfig } from '../base/config-errors.ts';
import { AttuneError } from '../base/errors.ts';
import type { TrainRequest } from '../serving/api/training.ts';
import type { ServingErrorCode } from '../serving/errors.ts';
import { readJson } from '../serving/training/json-file.ts';
import type { TrainingOptions } from '../serving/training/training.ts';
import type { CheckedConfig } from '../serving/training/training-runs.ts';
import { LIVE_FILE } from '../serving/training/workspace.ts';
import { type AttuneConfig, configSchema } from './config.ts';
import type { ModelSource } from './model-sources.ts';

/** As it was built; the same place seen from `src/attune` and from `dist/attune`. */
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MAX_UPLOAD_BYTES = 2 * 1024 ** 3;

export const modelsOf = (workspace: string): string => join(workspace, 'models');

const liveSchema = z.array(z.object({ name: z.string(), version: z.string() }));

/**
 * The models that were trained in a workspace and answered when its service stopped last.
 * @param warn - told of what was noted and is not there
 */
export async function liveIn(
  workspace: string,
  warn: (text: string) => void,
): Promise<readonly ModelSource[]> {
  const path = join(workspace, LIVE_FILE);
  if (!existsSync(path)) return [];
  const { data: noted } = liveSchema.safeParse(await readJson(path));
  if (noted === undefined) {
    warn(`${path} cannot be read, so it is not known which versions answered`);
    return [];
  }
  return noted
    .map(({ name, version }) => ({ name, version, folder: join(modelsOf(workspace), name, version) }))
    .filter(({ name, version, folder }) => {
      const isThere = existsSync(join(folder, 'attune.json'));
      if (!isThere) warn(`version ${version} of "${name}", which answered, is not in ${folder} any more`);
      return isThere;
    });
}

export function trainingIn(workspace: string, maxUploadBytes = MAX_UPLOAD_BYTES): TrainingOptions {
  return { workspace, maxUploadBytes, command: [process.execPath, CLI], check: checkRunConfig };
}

/**
 * @param file - the products, as seen from the folder of the run
 * @param encoders - names of the checkpoints that may be started from
 * @throws serving/bad-config
 */
async function checkRunConfig(
  given: TrainRequest['config'],
  file: string,
  encoders: readonly string[],
): Promise<CheckedConfig> {
  const config = checked(given);
  const { data, inputs, model } = config;
  const outside = [
    ...(['path', 'attributesPath'] as const)
      .filter((name) => data[name] !== undefined)
      .map((name) => `data.${name}`),
    ...(data.split.files === undefined ? [] : ['data.split.files']),
    ...Object.entries(inputs).flatMap(([name, input]) =>
      input.kind === 'behaviour' || (input.kind === 'text' && input.path !== undefined)
        ? [`inputs.${name}`]
        : [],
    ),
  ];
  if (outside.length > 0)
    throw badConfig(
      `${outside.join(', ')} names files of the service's machine.`,
      'A training that is asked for over HTTP reads the one file that was sent.',
    );
  const start = (name: 'text' | 'image' | 'audio' | 'decoder') => {
    const wanted = model[name];
    if (wanted === 'small') return wanted;
    if (encoders.includes(wanted)) return `../../encoders/${wanted}`;
    throw badConfig(
      `model.${name} must be small, or a folder in the encoders of the workspace. Got "${wanted.slice(0, 100)}".`,
      encoders.length === 0
        ? 'Put a Hugging Face folder into WORKSPACE/encoders to start from it.'
        : `There are: ${encoders.join(', ')}.`,
    );
  };
  const starts = {
    text: start('text'),
    image: start('image'),
    audio: start('audio'),
    decoder: start('decoder'),
  };
  const written = { ...config, data: { ...data, path: file }, model: { ...model, ...starts } };
  return { config, yaml: stringify(written) };
}

function checked(given: TrainRequest['config']): AttuneConfig {
  try {
    return checkConfig(given, configSchema, 'config');
  } catch (cause) {
    if (!(cause instanceof AttuneError)) throw cause;
    throw badConfig(cause.message, 'docs/attune.schema.json lists each setting with its range.');
  }
}

function badConfig(message: string, hint: string): AttuneError<ServingErrorCode> {
  return new AttuneError('serving/bad-config', message, { hint });
}
