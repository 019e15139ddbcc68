/**
 * `Idempotency-Key`: a write that is sent twice under one key is done once, and answered twice the same.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AttuneError } from '../../base/errors.ts';
import type { Idempotency } from '../../store/idempotency.ts';
import type { RequestErrorCode } from '../errors.ts';
import { roleFor } from './roles.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The write that is under way under a key of the client's. */
    once: { readonly key: string; readonly route: string } | null;
  }
  interface FastifyContextConfig {
    /** The answer holds a secret, so it is not kept to be given again. */
    readonly secret?: true;
  }
}

const HEADER = 'idempotency-key';
const MAX_LENGTH = 255;

/** How often answers that are kept no longer are deleted, and how many at once: what is left goes the next time. */
const DELETE_EVERY_MS = 60 * 60 * 1000;
const DELETE_AT_ONCE = 5000;

type Kept = { readonly status: number; readonly type: string; readonly body: string };

/** @param now - ms, only ever forward */
export function idempotentWrites(
  server: FastifyInstance,
  kept: Idempotency | undefined,
  now: () => number = () => performance.now(),
): void {
  server.decorateRequest('once', null);
  if (kept === undefined) return;
  let deleteAt = Number.NEGATIVE_INFINITY;
  server.addHook('preHandler', async (request, reply) => {
    const given = [request.headers[HEADER]].flat()[0];
    const { url = '', config } = request.routeOptions;
    const role = roleFor(request.method, url.replaceAll('::', ':'));
    const isWrite = request.method !== 'GET' && (role === 'review' || role === 'admin');
    if (given === undefined || !isWrite || config.secret) return;
    if (given === '' || given.length > MAX_LENGTH)
      throw refused(
        'serving/invalid-request',
        `The Idempotency-Key must have 1 to ${MAX_LENGTH} characters.`,
      );
    const key = `${request.caller.id}:${given}`;
    const route = `${request.method} ${request.url}`;
    const hash = createHash('sha256')
      // A file that is sent is told by the address, which names it.
      .update(JSON.stringify(request.body instanceof Readable ? null : (request.body ?? null)))
      .digest('hex');
    const begun = await kept.begin(key, route, hash);
    if (begun.state === 'running')
      throw refused('serving/still-running', 'A request with this Idempotency-Key is under way.');
    if (begun.state === 'mismatch')
      throw refused('serving/key-reused', 'This Idempotency-Key was used for another request.');
    if (begun.state === 'new') {
      request.once = { key, route };
      if (now() >= deleteAt) {
        deleteAt = now() + DELETE_EVERY_MS;
        await kept
          .removeExpired(DELETE_AT_ONCE)
          .catch((error: unknown) => request.log.warn({ err: error }, 'old idempotent answers stay'));
      }
      return;
    }
    const { status, type, body } = begun.answer as Kept;
    return reply
      .code(status)
      .type(type)
      .header('idempotency-replayed', 'true')
      .serializer((sent) => sent)
      .send(body);
  });
  server.addHook('onSend', async ({ once, log }, reply, payload) => {
    if (once === null) return;
    const answer: Kept = {
      status: reply.statusCode,
      type: String(reply.getHeader('content-type') ?? 'application/json'),
      body: typeof payload === 'string' ? payload : '',
    };
    const done =
      reply.statusCode < 400 ? kept.finish(once.key, once.route, answer) : kept.forget(once.key, once.route);
    await done.catch((error: unknown) => log.error({ err: error }, 'an idempotent answer cannot be kept'));
  });
}

function refused(code: RequestErrorCode, message: string): AttuneError<RequestErrorCode> {
  return new AttuneError(code, message);
}
