/** `attune serve`: trained models behind HTTP. */
import { predictionError } from '../prediction/errors.ts';
import type { OpenedVersion } from '../serving/models/opened-version.ts';
import { type RunningServer, startServer } from '../serving/server.ts';
import { type ModelSource, type NamedBundle, resolveSources, sourcesIn } from './model-sources.ts';
import { logFor, modelRepository, type OpenModelOptions, openVersion } from './served-models.ts';
import { VERSION } from './version.ts';

export type ServeBundleOptions = {
  /** Folder of a bundle, or several bundles by name and version; the first is the default model. */
  readonly model?: string | readonly NamedBundle[];
  /** A folder of bundles by name, in which there may be one folder a version: the newest of each is served, others can be loaded. */
  readonly models?: string;
  /** 8080 when left out; 0 takes any that is free. */
  readonly port?: number;
  /** Loopback when left out: nothing asks callers who they are. */
  readonly host?: string;
} & OpenModelOptions;

export type ServedBundle = RunningServer & {
  /** Of the default model. */
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
  /** Every model, with its live version. */
  readonly models: readonly { readonly name: string; readonly version: string }[];
};

export const DEFAULT_PORT = 8080;

/** @throws prediction/bundle-missing, prediction/bad-option, catalog/..., serving/address-in-use, serving/address-unavailable */
export async function serveBundle(options: ServeBundleOptions): Promise<ServedBundle> {
  const { model = [], models: folder, port = DEFAULT_PORT, host, ...opening } = options;
  const named = await resolveSources(typeof model === 'string' ? [{ folder: model }] : model);
  const sources = [...named, ...(folder === undefined ? [] : newest(await sourcesIn(folder)))];
  if (sources.length === 0)
    throw predictionError('prediction/bundle-missing', 'No trained model was named.', {
      hint: 'Name one with --model FOLDER, or a folder of models with --models FOLDER.',
    });
  const opened = await openAll(sources, opening);
  const server = await startServer({
    models: opened,
    repository: modelRepository(named, folder, opening),
    version: VERSION,
    port,
    ...(host === undefined ? {} : { host }),
  });
  const { name, predictor } = opened[0]!;
  return {
    url: server.url,
    name,
    fields: predictor.fields,
    attributes: predictor.attributes.map((attribute) => attribute.name),
    models: newest(opened.map((one) => ({ name: one.name, version: one.version }))),
    close: server.close,
  };
}

async function openAll(sources: readonly ModelSource[], opening: OpenModelOptions): Promise<OpenedVersion[]> {
  const opened: OpenedVersion[] = [];
  try {
    for (const source of sources) {
      // Where there is one model, a log that it does not read is refused.
      const log = sources.length === 1 ? {} : await logFor(source, opening);
      opened.push(await openVersion(source, { ...opening, ...log }));
    }
    return opened;
  } catch (cause) {
    for (const { close } of opened) await close();
    throw cause;
  }
}

/** The first of each name. */
function newest<T extends { readonly name: string }>(sources: readonly T[]): T[] {
  return sources.filter(({ name }, i) => sources.findIndex((one) => one.name === name) === i);
}
