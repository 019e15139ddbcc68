/** From a file and options on the command line to one whole, checked config. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { applySettings, parseYamlConfig } from '../base/config-errors.ts';
import { AttuneError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { InputConfig } from '../catalog/config-inputs.ts';
import { completeConfig } from '../catalog/inspect/complete-config.ts';
import { type AttuneConfig, configSchema } from './config.ts';
import { inspectFile } from './inspect.ts';

export type LoadOptions = {
  /** Data files named on the command line; they replace `data.path`. */
  readonly files: readonly string[];
  /** A config file; `attune.yaml` beside the command when there is one and no file is named. */
  readonly configFile?: string;
  /** `path=value`, as `--set` gives them. */
  readonly settings: readonly string[];
  readonly progress?: Progress;
};

export type LoadedConfig = {
  readonly config: AttuneConfig;
  /** The YAML of an inferred config, to be written for the user; undefined when a file was read. */
  readonly inferred: string | undefined;
};

const DEFAULT_FILE = 'attune.yaml';

/**
 * Reads the config, or infers one from the data when there is none; inputs and attributes that it does not list are
 * inferred too.
 * @throws config/invalid, config/missing, catalog/...
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file =
    options.configFile ?? (options.files.length === 0 && existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (file === undefined && options.files.length === 0) {
    throw new AttuneError('config/missing', 'There is no attune.yaml here, and no data file was named.', {
      hint: 'Name a file: attune train products.csv',
    });
  }
  const base = file === undefined ? configSchema.parse({}) : withPaths(readConfig(file), dirname(file));
  const named =
    options.files.length > 0 ? { ...base, data: { ...base.data, path: [...options.files] } } : base;
  // What says how to read the file must be known before it is looked at; a typing error need not wait for that either.
  const given = applySettings(
    named,
    options.settings.filter((setting) => !isOfColumns(setting)),
    configSchema,
  );
  const later = options.settings.filter(isOfColumns);
  const complete = Object.keys(given.inputs).length > 0 && Object.keys(given.attributes).length > 0;
  if (complete) return { config: applySettings(given, later, configSchema), inferred: undefined };
  const { inspection, yaml } = await inspectFile({
    files: [given.data.path ?? []].flat(),
    config: given,
    ...(options.progress ? { progress: options.progress } : {}),
  });
  return {
    config: applySettings({ ...given, ...completeConfig(given, inspection) }, later, configSchema),
    inferred: file === undefined ? yaml : undefined,
  };
}

/** Whether a setting is of an input or attribute, which may be known only once the file is. */
const isOfColumns = (setting: string) => /^\s*(inputs|attributes)\b/.test(setting);

function readConfig(file: string): AttuneConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AttuneError(
      'config/missing',
      `The config file ${file} cannot be read: ${(cause as Error).message}.`,
      { cause, hint: 'Check the path; `attune inspect products.csv` writes a config to begin with.' },
    );
  }
  return parseYamlConfig(text, configSchema, file);
}

function inputPaths(input: InputConfig, at: (path: string) => string): InputConfig {
  if (input.kind === 'text') return input.path === undefined ? input : { ...input, path: at(input.path) };
  if (input.kind !== 'behaviour') return input;
  const { events, shoppers } = input;
  return {
    ...input,
    events: [events].flat().map(at),
    ...(shoppers === undefined ? {} : { shoppers: [shoppers].flat().map(at) }),
  };
}

/** Paths in a config file are relative to that file. */
function withPaths(config: AttuneConfig, folder: string): AttuneConfig {
  const at = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const relative = (model: string) => (/^\.|\.onnx$/i.test(model) ? at(model) : model);
  const { data, inputs, model, align } = config;
  return {
    ...config,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, inputPaths(input, at)])),
    data: {
      ...data,
      ...(data.path === undefined ? {} : { path: [data.path].flat().map(at) }),
      ...(data.attributesPath === undefined ? {} : { attributesPath: at(data.attributesPath) }),
    },
    model: {
      ...model,
      text: relative(model.text),
      image: relative(model.image),
      audio: relative(model.audio),
      decoder: relative(model.decoder),
    },
    ...(align ? { align: { ...align, model: relative(align.model) } } : {}),
  };
}
