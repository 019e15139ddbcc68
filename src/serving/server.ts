/**
 * The service over HTTP: models behind `POST /v1/products:predict`, with their descriptions, what an operator does with them, their
 * health, an API document and a page for people.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import { bodies } from './bodies.ts';
import { documentation } from './documentation.ts';
import type { ServingErrorCode } from './errors.ts';
import { healthRoutes } from './health-routes.ts';
import { inferenceRoutes } from './inference/routes.ts';
import { modelRoutes } from './model-routes.ts';
import { ModelRegistry } from './models/registry.ts';
import { resolveLimits, type ServerOptions } from './options.ts';
import { pageRoutes } from './page-routes.ts';
import { predictRoute } from './predict-route.ts';
import { predictionService } from './prediction-service.ts';
import { problemOf } from './problem.ts';
import { answerBrokenHttp, refusals, sendProblem } from './refusals.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export type RunningServer = {
  /** Where it listens, for a browser on this machine: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new work, finishes what it took, closes the models, and stops; safe to call twice. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the service and resolves when it listens. It closes the models when it is closed, or cannot start.
 *
 * @throws AttuneError `serving/invalid-option`, `serving/address-in-use`, `serving/address-unavailable`
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
  const limits = resolveLimits(options);
  const models = new ModelRegistry(first, limits, repository);
  const server = Fastify({
    ...(logger !== undefined ? { loggerInstance: logger } : {}),
    bodyLimit: limits.maxBodyBytes,
    connectionTimeout: limits.idleTimeoutMs,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // Refused below, with a problem document.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => sendProblem(problemOf(error, request.id), reply),
  });
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
  await documentation(server, models);
  await pageRoutes(server);
  predictRoute(server, predictionService(models, limits), limits);
  modelRoutes(server, models);
  await inferenceRoutes(server, models, limits, version);
  healthRoutes(server, () => !closing && models.models.length > 0);

  let closed: Promise<void> | undefined;
  const close = () => {
    closing = true;
    closed ??= closeWithin(server, limits.closeTimeoutMs).then(() => models.close());
    return closed;
  };
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw unavailable(error, host, port);
  }
  if (signal?.aborted === true) await close();
  else signal?.addEventListener('abort', () => void close(), { once: true });
  return { url: urlOf(server), close };
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
