/** Opens the models of a service: each version a bundle behind threads, which looks up products in the event log where it reads one. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Progress } from '../base/progress.ts';
import type { BasePool } from '../prediction/base-pool.ts';
import { readBundle } from '../prediction/bundle.ts';
import type { Precision } from '../prediction/precision.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import type { ModelRepository, OpenedVersion } from '../serving/models/opened-version.ts';
import { behaviourInputOf, type EventOptions, openEvents, withBehaviour } from './behaviour.ts';
import { type AttuneConfig, precisionTargetsOf } from './config.ts';
import { readFigures } from './figures-file.ts';
import { figuresOfBundle } from './figures-of-bundle.ts';
import { identityOf, type ModelSource, sourcesIn } from './model-sources.ts';
import { tellPrecision } from './tell-precision.ts';

export type OpenModelOptions = {
  readonly threads?: number;
  readonly precision?: Precision;
  readonly behaviour?: EventOptions;
  readonly progress?: Progress;
  /** What the models have an adapter over; each is opened by itself when left out. */
  readonly base?: BasePool;
};

/** @throws prediction/bundle-missing, prediction/bundle-invalid, prediction/bad-option, catalog/... */
export async function openVersion(
  { name, version, folder }: ModelSource,
  { behaviour = {}, progress, base, ...running }: OpenModelOptions,
): Promise<OpenedVersion> {
  const bundle = await readBundle(folder);
  tellPrecision(bundle, running.precision, progress);
  const { identity } = await identityOf(folder);
  const details = await readFigures(folder);
  const log = await openEvents(bundle, behaviour, progress);
  try {
    const pool = await (base
      ? base.openBundle(bundle)
      : PredictorPool.open(bundle, { ...running, prompt: true }));
    const predictor = log ? withBehaviour(pool, log) : pool;
    // A log is read once and is not a part of the bundle.
    const own = log ? `${identity}:${randomUUID()}` : `${identity}:${running.precision ?? 'fp32'}`;
    return {
      name,
      version,
      identity: own,
      bundle: { folder: resolve(folder), checksum: identity },
      readsIds: log !== undefined,
      figures: figuresOfBundle(bundle.file),
      ...(details === undefined ? {} : { details }),
      precisionTargets: precisionTargetsOf(bundle.file.config as AttuneConfig),
      predictor,
      close: () => predictor.close(),
    };
  } catch (cause) {
    log?.close();
    throw cause;
  }
}

/** @param named - bundles that were named one by one; @param folders - folders of further ones, looked at each time */
export function modelRepository(
  named: readonly ModelSource[],
  folders: readonly string[],
  options: OpenModelOptions,
): ModelRepository {
  const list = async () => [...named, ...(await Promise.all(folders.map(sourcesIn))).flat()];
  return {
    list,
    async open(name, version) {
      const source = (await list()).find(
        (one) => one.name === name && (version === undefined || one.version === version),
      );
      return source && openVersion(source, { ...options, ...(await logFor(source, options)) });
    },
  };
}

/** The event log for a model that reads one. */
export async function logFor(
  { folder }: ModelSource,
  { behaviour }: OpenModelOptions,
): Promise<Pick<OpenModelOptions, 'behaviour'>> {
  const { file } = await readBundle(folder);
  const reads = behaviourInputOf(file.config as AttuneConfig) !== undefined;
  return { behaviour: reads ? (behaviour ?? {}) : {} };
}
