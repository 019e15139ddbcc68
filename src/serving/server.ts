/**
 * The service over HTTP: models behind `POST /v1/products:predict`, with their descriptions, what an operator does with them, their
 * health, an API document and a page for people.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import { accessControl, isLoopback } from './access/access.ts';
import { auditTrail } from './access/audit-trail.ts';
import { idempotentWrites } from './access/idempotent.ts';
import { KeyRing } from './access/key-ring.ts';
import { crossOrigin, rateLimits } from './access/limits.ts';
import { checkProxies } from './access/proxies.ts';
import { bodies } from './bodies.ts';
import { boundReading } from './bound-reading.ts';
import { type AnswerCache, memoryCache, noCache, tieredCache } from './cache/answer-cache.ts';
import { documentation } from './documentation.ts';
import { embeddingsRoute } from './embeddings-route.ts';
import type { ServingErrorCode } from './errors.ts';
import { eventRoutes } from './event-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { inferenceRoutes } from './inference/routes.ts';
import { keyRoutes } from './key-routes.ts';
import { metricsRoute, trafficRoute } from './metrics-route.ts';
import { modelRoutes } from './model-routes.ts';
import type { OpenedVersion } from './models/opened-version.ts';
import { ModelRegistry } from './models/registry.ts';
import { RoleMemory } from './models/role-memory.ts';
import type { RegistryMemory } from './models/take-up.ts';
import { monitoringRoutes } from './monitoring-routes.ts';
import { Metrics } from './observe/metrics.ts';
import { traceRequests } from './observe/tracing.ts';
import { type Limits, resolveLimits, type ServerOptions } from './options.ts';
import { pageRoutes } from './page-routes.ts';
import { predictRoute } from './predict-route.ts';
import { predictionService } from './prediction-service.ts';
import { problemOf } from './problem.ts';
import { ReadingRoom } from './reading-room.ts';
import { correctionRoutes } from './records/correction-routes.ts';
import { PictureKeeper } from './records/keep-pictures.ts';
import { Keeper } from './records/keeper.ts';
import { pictureRoute } from './records/picture-route.ts';
import { productRoutes } from './records/product-routes.ts';
import { answerBrokenHttp, refusals, sendProblem } from './refusals.ts';
import { historyRoute } from './reviews/history-route.ts';
import { reviewRoutes } from './reviews/routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { fileRoutes } from './training/file-routes.ts';
import { runRoutes } from './training/run-routes.ts';
import { Training } from './training/training.ts';

/** Characters, which Node bounds together with the headers. */
const MOST_OF_A_PATH = 16 * 1024;

export type RunningServer = {
  /** Where it listens, for a browser on this machine: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new work, finishes what it took, closes the models, and stops; safe to call twice. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the service and resolves when it listens. It closes the models when it is closed, or cannot start.
 *
 * @throws AttuneError `serving/invalid-option`, `serving/address-in-use`, `serving/address-unavailable`,
 *   `serving/workspace-unwritable`, `store/folder-locked`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  try {
    return await start(options);
  } catch (cause) {
    for (const { close } of options.models) await close();
    throw cause;
  }
}

async function start(options: ServerOptions): Promise<RunningServer> {
  const { models: first, repository, version, host = '127.0.0.1', port, logger, signal } = options;
  const { store, origins = [], withoutKeys = false, thumbnail } = options;
  const limits = resolveLimits(options);
  const proxies = checkProxies(options.trustProxy ?? []);
  /** Whether only this machine reaches it; a proxy on it passes on what others ask. */
  const local = isLoopback(host) && proxies.length === 0;
  const ring = store && new KeyRing(store.keys);
  if (!local && !withoutKeys && !(await ring?.isSet())) throw keysNeeded(isLoopback(host) ? undefined : host);
  const cache = cacheOf(limits, options.sharedCache);
  const metrics = new Metrics(() => models.waiting, new Date());
  const pictures =
    store && thumbnail && new PictureKeeper(store, { make: thumbnail, most: limits.maxPictures });
  const keeper =
    store &&
    new Keeper({
      store,
      targetsOf: (model, version) => models.precisionTargets(model, version),
      ...(pictures && { onWritten: (products) => pictures.keep(products) }),
      onTrouble: (error, dropped) => server.log.error({ err: error, dropped }, 'answers cannot be kept'),
    });
  const memory: RegistryMemory | undefined = store && {
    roles: new RoleMemory(store.models),
    named: new Set(options.named),
    say: (level, text, err) => server.log[level](err === undefined ? {} : { err }, text),
  };
  const models: ModelRegistry = new ModelRegistry(
    first,
    { limits, cache, metrics },
    {
      ...(repository && { repository }),
      ...(memory && { memory }),
      failed: options.failed ?? [],
      onChange: () => training?.remember(models.answering()),
    },
  );
  const server = Fastify({
    ...(logger !== undefined ? { loggerInstance: logger } : {}),
    bodyLimit: limits.maxBodyBytes,
    connectionTimeout: limits.idleTimeoutMs,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: proxies.length > 0 ? proxies : false,
    // The contracts say how long a name may be, so that one which is too long is refused in their words.
    routerOptions: { maxParamLength: MOST_OF_A_PATH },
    // Refused below, with a problem document.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => sendProblem(problemOf(error, request.id), reply),
  });
  const training =
    options.training &&
    (await Training.open(options.training, {
      inspectTimeoutMs: limits.inspectTimeoutMs,
      isLoaded: (name, version) =>
        models.models.some((model) => model.name === name && model.versions.has(version)),
      onTrouble: (error) => server.log.error({ err: error }, 'a training cannot be looked after'),
    }));
  let closing = false;
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
    if (closing && !request.url.startsWith('/v2/health/'))
      throw new AttuneError<ServingErrorCode>('serving/shutting-down', 'The service is closing.', {
        hint: 'Send it to another instance, or again in a moment.',
        details: { retryAfterSeconds: 1 },
      });
  });
  letConnectionsGo(server, () => closing);
  bodies(server);
  refusals(server, limits);
  traceRequests(server);
  await crossOrigin(server, origins);
  accessControl(server, {
    keys: ring,
    origins,
    local,
    open: withoutKeys,
    wrongKeysPerMinute: limits.maxWrongKeysPerMinute,
  });
  await rateLimits(server, limits.maxCallsPerMinute);
  const room = new ReadingRoom(limits.maxReadingBytes);
  boundReading(server, room, limits.maxBodyBytes);
  idempotentWrites(server, store?.idempotency);
  auditTrail(server, store?.audit);
  metricsRoute(server, metrics);
  await documentation(server, models);
  await pageRoutes(server);
  predictRoute(server, predictionService({ models, limits, metrics, keeper, room }), limits);
  trafficRoute(server, metrics);
  modelRoutes(server, models);
  if (store !== undefined && ring !== undefined) {
    keyRoutes(server, store, ring);
    productRoutes(server, store);
    correctionRoutes(server, store);
    pictureRoute(server, store);
    reviewRoutes(server, store);
    historyRoute(server, store);
    monitoringRoutes(server, store);
    eventRoutes(server, store);
  }
  if (training !== undefined) {
    await fileRoutes(server, training);
    runRoutes(server, training);
  }
  if (options.embedder !== undefined) embeddingsRoute(server, options.embedder, limits);
  await inferenceRoutes(server, { models, limits, metrics, version });
  healthRoutes(server, () => !closing && models.models.length > 0);

  let closed: Promise<void> | undefined;
  const close = () => {
    closing = true;
    closed ??= closeWithin(server, limits.closeTimeoutMs).then(async () => {
      await training?.close(limits.closeTimeoutMs);
      // What waits to be written is written whatever becomes of the models.
      const ended = await Promise.allSettled([models.close(), keeper?.close()]);
      await options.embedder?.close();
      await cache.close();
      metrics.close();
      const failed = ended.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
    });
    return closed;
  };
  let takenUp: readonly OpenedVersion[] = [];
  try {
    takenUp = await models.takeUp();
    await server.listen({ host, port });
    // Not before: where the port is taken, nothing is begun.
    training?.runs.begin();
  } catch (error) {
    await server.close();
    for (const { close } of takenUp) await close();
    await training?.close(limits.closeTimeoutMs);
    throw unavailable(error, host, port);
  }
  if (signal?.aborted === true) await close();
  else signal?.addEventListener('abort', () => void close(), { once: true });
  return { url: urlOf(server), close };
}

function cacheOf({ maxCacheBytes }: Limits, shared: AnswerCache | undefined): AnswerCache {
  const near = maxCacheBytes === 0 ? noCache : memoryCache(maxCacheBytes);
  return shared === undefined ? near : tieredCache(near, shared);
}

/** Keep-alive connections would hold a closing server open until they time out. */
function letConnectionsGo(server: FastifyInstance, isClosing: () => boolean): void {
  server.addHook('onSend', async (_request, reply) => {
    if (isClosing()) reply.header('connection', 'close');
  });
  server.addHook('onResponse', async () => {
    if (isClosing()) setImmediate(() => server.server.closeIdleConnections());
  });
}

async function closeWithin(server: FastifyInstance, timeoutMs: number): Promise<void> {
  const cutOff = setTimeout(() => server.server.closeAllConnections(), timeoutMs);
  await server.close();
  clearTimeout(cutOff);
}

function urlOf(server: FastifyInstance): string {
  const { address, family, port } = server.server.address() as AddressInfo;
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

/** @param host - undefined where it is reached through a proxy */
function keysNeeded(host: string | undefined): AttuneError<ServingErrorCode> {
  return new AttuneError(
    'serving/keys-needed',
    `Others reach the service ${host === undefined ? 'through a proxy' : `on ${host}`}, and no key is set, so everyone could do everything.`,
    {
      hint: 'Make a key with `attune keys create --store FOLDER --role admin` and serve with --store FOLDER, or say --without-keys.',
    },
  );
}

function unavailable(error: unknown, host: string, port: number): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'EADDRINUSE')
    return new AttuneError<ServingErrorCode>(
      'serving/address-in-use',
      `Port ${port} of ${host} is taken: another process listens there.`,
      { hint: 'Stop that process, or choose another port; 0 takes any that is free.', cause: error },
    );
  const refused = ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_SOCKET_BAD_PORT'];
  if (!refused.includes(String(code))) return error;
  return new AttuneError<ServingErrorCode>(
    'serving/address-unavailable',
    `The service cannot listen on ${host}, port ${port}: ${error instanceof Error ? error.message : String(code)}.`,
    { hint: 'Use 127.0.0.1 and a port between 1024 and 65535.', cause: error },
  );
}
