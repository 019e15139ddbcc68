/** Everything that is not answered is refused with a problem document, down to bytes that are no HTTP. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AttuneError, closest } from '../base/errors.ts';
import { NDJSON_TYPE } from './api/predict.ts';
import { PROBLEM_TYPE, type Problem } from './api/problem.ts';
import type { RequestErrorCode } from './errors.ts';
import type { Limits } from './options.ts';
import { problemOf } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Registers the handlers; call it before the routes, so that it sees them. */
export function refusals(server: FastifyInstance, limits: Limits): void {
  const methods = new Map<string, string[]>();
  server.addHook('onRoute', ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  const refuse = (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0]!;
    const allowed = [...methods].find(([route]) => isAt(path, route))?.[1];
    if (allowed === undefined)
      throw notFound(
        path,
        [...methods.keys()].map((route) => route.replaceAll('::', ':')),
      );
    reply.header('allow', allowed.join(', '));
    throw new AttuneError<RequestErrorCode>(
      'serving/method-not-allowed',
      `${path} takes ${allowed.join(', ')}. Got ${request.method}.`,
    );
  };
  // Before a body is read that nobody wants.
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404 && request.method !== 'OPTIONS') refuse(request, reply);
  });
  server.setNotFoundHandler(refuse);
  server.setErrorHandler((error, request, reply) => {
    const refusal = inOurWords(error, request.headers['content-type'], limits);
    const problem = problemOf(refusal, request.id);
    if (problem.status >= 500 && problem.code !== 'serving/shutting-down')
      request.log.error({ err: error }, problem.title);
    else request.log.info({ code: problem.code, detail: problem.detail }, 'refused');
    const seconds = refusal instanceof AttuneError ? refusal.details.retryAfterSeconds : undefined;
    if (typeof seconds === 'number') reply.header('retry-after', String(seconds));
    // A connection that is closed on a client that still writes takes the answer with it: the rest is passed over unread.
    if (problem.code === 'serving/body-too-large') reply.removeHeader('connection');
    // What clients of the Open Inference Protocol read.
    const again = request.url.startsWith('/v2/') ? { error: problem.detail } : {};
    sendProblem({ ...problem, ...again }, reply);
  });
}

/** Whether a path is one of a route: `/v1/models/:model` is at `/v1/models/shoes`. */
function isAt(path: string, route: string): boolean {
  const pattern = route
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('::', '\0')
    .replace(/:\w+/g, '[^/]+')
    .replaceAll('*', '.*')
    .replaceAll('\0', ':');
  return new RegExp(`^${pattern}$`).test(path);
}

export function sendProblem(problem: Problem, reply: FastifyReply): void {
  void reply
    .code(problem.status)
    .headers(SECURITY_HEADERS)
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(problem);
}

function notFound(path: string, paths: readonly string[]): AttuneError<RequestErrorCode> {
  const pages = paths.filter((known) => !known.startsWith('/docs/') && !known.includes('*'));
  const near = closest(path.slice(0, 100), pages);
  return new AttuneError('serving/not-found', `Nothing is served at ${path.slice(0, 200)}.`, {
    hint: near === undefined ? `Served are: ${pages.join(', ')}.` : `Did you mean ${near}?`,
  });
}

function inOurWords(error: unknown, contentType: string | undefined, limits: Limits): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AttuneError<RequestErrorCode>(
      'serving/body-too-large',
      `One call takes ${limits.maxBodyBytes} bytes. This body has more.`,
      {
        hint: `Send fewer products in a call, or a stream: one product a line, content type ${NDJSON_TYPE}.`,
        cause: error,
      },
    );
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new AttuneError<RequestErrorCode>(
      'serving/unsupported-media-type',
      `A body is read as application/json or ${NDJSON_TYPE}. Got ${contentType?.slice(0, 100) || 'no content type'}.`,
      { cause: error },
    );
  return error;
}

const BROKEN: Readonly<Record<string, AttuneError<RequestErrorCode>>> = {
  HPE_HEADER_OVERFLOW: new AttuneError('serving/headers-too-large', 'The headers are larger than 16 KiB.'),
  ERR_HTTP_REQUEST_TIMEOUT: new AttuneError('serving/request-timeout', 'The request did not arrive in time.'),
};

/** Answers on the bare socket what Node could not read as a request. */
export function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  const fallback = new AttuneError<RequestErrorCode>(
    'serving/bad-request',
    'The request is not proper HTTP.',
  );
  const problem = problemOf(BROKEN[error.code ?? ''] ?? fallback, randomUUID());
  const body = JSON.stringify(problem);
  const headers = {
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...SECURITY_HEADERS,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title.replace(/[^ -~]/g, '')}\r\n${lines.join('')}\r\n${body}`,
  );
}
