/** `attune serve`: trained models behind HTTP. */
import { silent } from '../base/progress.ts';
import { thumbnail } from '../features/image/thumbnail.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import { BasePool } from '../prediction/base-pool.ts';
import { predictionError } from '../prediction/errors.ts';
import { redisCache } from '../serving/cache/redis-cache.ts';
import type { FailedModel } from '../serving/models/opened-version.ts';
import { type LogLevel, serviceLogger } from '../serving/observe/logger.ts';
import type { Limits } from '../serving/options.ts';
import { type RunningServer, startServer } from '../serving/server.ts';
import { openStore, storeAddress } from '../store/store.ts';
import { DEFAULT_PORT } from './defaults.ts';
import { readEnvironment } from './environment.ts';
import { firstModels, openFirst } from './first-models.ts';
import { type NamedBundle, resolveSources, sourcesIn } from './model-sources.ts';
import { logFor, modelRepository, type OpenModelOptions, openVersion } from './served-models.ts';
import { openEmbedder } from './text-embedder.ts';
import { liveIn, modelsOf, trainingIn } from './training-in-workspace.ts';
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
  /** A folder or a PostgreSQL address (`DATABASE_URL` when left out): keys, answers, corrections. None of it is kept without one. */
  readonly store?: string;
  /** A Hugging Face folder or a bundle whose text encoder answers `/v1/embeddings`. */
  readonly embeddings?: string;
  /** A Redis address (`REDIS_URL` when left out) in which several services share answers. */
  readonly redis?: string;
  /** A folder in which files may be sent to the service and models be trained; made where it is not there. */
  readonly workspace?: string;
  /** Bytes of a file that is sent; 2 GiB when left out. */
  readonly maxUploadBytes?: number;
  /** Origins whose pages may call, such as `https://shop.example`. */
  readonly origins?: readonly string[];
  /** Whether to listen beyond loopback though no key is set. */
  readonly withoutKeys?: boolean;
  /** Addresses or networks of reverse proxies, whose X-Forwarded-For says who calls. */
  readonly trustProxy?: readonly string[];
  /** Where the log goes, a line of JSON for each event; there is none when left out. */
  readonly log?: { readonly level: LogLevel; readonly stream: { write(line: string): void } };
  readonly limits?: Partial<Limits>;
  /** Folder or hub name of the text checkpoint that every model has an adapter over: it is in memory once a thread. In fp32 only. */
  readonly base?: string;
} & Omit<OpenModelOptions, 'base'>;

export type ServedBundle = RunningServer & {
  /** Of the default model; empty, and without fields and attributes, where none is there yet. */
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
  /** Every model, with its live version. */
  readonly models: readonly { readonly name: string; readonly version: string }[];
  /** What should answer and could not be opened. */
  readonly failed: readonly FailedModel[];
  /** Whether callers need a key. */
  readonly keys: boolean;
};

/**
 * @throws prediction/bundle-missing, prediction/bad-option, catalog/..., store/..., serving/keys-needed, serving/address-in-use,
 *   serving/address-unavailable, serving/workspace-unwritable
 */
export async function serveBundle(options: ServeBundleOptions): Promise<ServedBundle> {
  const { model = [], models: folder, port = DEFAULT_PORT, host, origins, withoutKeys, ...others } = options;
  const {
    store: place,
    redis,
    log,
    limits = {},
    embeddings,
    base,
    workspace,
    maxUploadBytes,
    trustProxy,
    ...running
  } = others;
  const environment = readEnvironment();
  const bundles: readonly NamedBundle[] = typeof model === 'string' ? [{ folder: model }] : model;
  const named = await resolveSources(bundles);
  const logger = log && serviceLogger(log.level, log.stream);
  const first = firstModels(
    named,
    folder === undefined ? [] : await sourcesIn(folder),
    workspace === undefined ? [] : await liveIn(workspace, (text) => logger?.warn(text)),
  );
  if (first.length === 0 && workspace === undefined)
    throw predictionError('prediction/bundle-missing', 'No trained model was named.', {
      hint: 'Name one with --model FOLDER, a folder of models with --models FOLDER, or train one on the page with --workspace FOLDER.',
    });
  if (base !== undefined && running.precision === 'int8')
    throw predictionError('prediction/bad-option', 'Models over a shared base compute in fp32 only.', {
      hint: 'Leave --precision int8 or --base out.',
    });
  const where = place ?? environment.database;
  const store = where === undefined ? undefined : await openStore(storeAddress(where));
  const shared = redis ?? environment.redis;
  // Loaded by those who have a collector only.
  const tracing =
    environment.traces === undefined ? undefined : (await import('./tracing.ts')).startTracing();
  let pool: BasePool | undefined;
  try {
    pool = base === undefined ? undefined : await openBasePool(base, running);
    const opening: OpenModelOptions = { ...running, ...(pool ? { base: pool } : {}) };
    const { opened, failed } = await openFirst(first, async (source) => {
      // Where there is one model, a log that it does not read is refused.
      const events = first.length === 1 ? {} : await logFor(source, opening);
      return openVersion(source, { ...opening, ...events });
    });
    for (const { name, version: which, problem } of failed)
      logger?.error({ model: name, version: which }, `is not served, since it does not open: ${problem}`);
    const embedder = embeddings === undefined ? undefined : await openEmbedder(embeddings, running);
    const server = await startServer({
      ...limits,
      models: opened,
      failed,
      named: named.filter((_, i) => bundles[i]!.version !== undefined).map(({ name }) => name),
      repository: modelRepository(
        named,
        [
          ...(folder === undefined ? [] : [folder]),
          ...(workspace === undefined ? [] : [modelsOf(workspace)]),
        ],
        opening,
      ),
      ...(workspace === undefined ? {} : { training: trainingIn(workspace, maxUploadBytes) }),
      version: VERSION,
      port,
      ...(host === undefined ? {} : { host }),
      ...(origins === undefined ? {} : { origins }),
      ...(withoutKeys === undefined ? {} : { withoutKeys }),
      ...(trustProxy === undefined ? {} : { trustProxy }),
      ...(store === undefined ? {} : { store, thumbnail }),
      ...(embedder === undefined ? {} : { embedder }),
      ...(logger === undefined ? {} : { logger }),
      ...(shared === undefined
        ? {}
        : {
            sharedCache: redisCache({
              url: shared,
              onTrouble: (error) => logger?.warn({ err: error }, 'Redis is away'),
            }),
          }),
    });
    const [answers] = opened;
    return {
      url: server.url,
      name: answers?.name ?? '',
      fields: answers?.predictor.fields ?? [],
      attributes: answers?.predictor.attributes.map((attribute) => attribute.name) ?? [],
      failed,
      models: newest(opened.map((one) => ({ name: one.name, version: one.version }))),
      keys: ((await store?.keys.active()) ?? 0) > 0,
      close: async () => {
        await server.close();
        await pool?.close();
        await store?.close();
        await tracing?.close();
      },
    };
  } catch (cause) {
    await pool?.close();
    await store?.close();
    await tracing?.close();
    throw cause;
  }
}

async function openBasePool(
  model: string,
  { threads, progress = silent }: Pick<OpenModelOptions, 'threads' | 'progress'>,
): Promise<BasePool> {
  return BasePool.open(await resolveModel(model, { reads: 'text', progress }), threads);
}

/** The first of each name. */
function newest<T extends { readonly name: string }>(sources: readonly T[]): T[] {
  return sources.filter(({ name }, i) => sources.findIndex((one) => one.name === name) === i);
}
