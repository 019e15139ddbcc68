/** Who may call from a page of another origin, how often each caller may, and how many wrong keys may be tried. */
import cors from '@fastify/cors';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { AttuneError } from '../../base/errors.ts';
import type { RequestErrorCode } from '../errors.ts';
import { PerMinute } from './per-minute.ts';

/** @param origins - such as `https://shop.example`; none when empty */
export async function crossOrigin(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await server.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: ['x-request-id', 'retry-after', 'inference-header-content-length'],
    maxAge: 600,
  });
}

/** @param perMinute - calls of one key, or of one address where there are no keys; 0 for any number */
export async function rateLimits(server: FastifyInstance, perMinute: number): Promise<void> {
  if (perMinute === 0) return;
  await server.register(rateLimit, {
    max: perMinute,
    timeWindow: '1 minute',
    store: CallCounts,
    keyGenerator: ({ caller, ip }) => (caller.id === 'nobody' ? addressOf(ip) : caller.id),
    allowList: ({ url }) => url.startsWith('/v2/health/'),
    errorResponseBuilder: (_request, { ttl }) =>
      rateLimited(`A caller may make ${perMinute} calls a minute, and this one has.`, ttl),
  });
}

/** Those of the plugin go by the machine's clock: set back by an hour, it would keep callers out for an hour. */
class CallCounts {
  readonly #calls = new PerMinute();

  incr(caller: string, done: (error: null, result: { current: number; ttl: number }) => void): void {
    const { count, leftMs } = this.#calls.add(caller);
    done(null, { current: count, ttl: leftMs });
  }

  child(): CallCounts {
    return new CallCounts();
  }
}

/**
 * Bounds the wrong keys that an address may send. Whoever sends more is refused without the store being asked, until the minute is over;
 * keys that were in use before open as ever, for others may call from the same address.
 */
export class WrongKeys {
  readonly #sent = new PerMinute();
  readonly #perMinute: number;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** @throws AttuneError `serving/rate-limited` when the address has sent as many as it may */
  refuseTooMany(ip: string): void {
    const { count, leftMs } = this.#sent.of(addressOf(ip));
    if (count >= this.#perMinute)
      throw rateLimited(
        `An address may send ${this.#perMinute} wrong keys a minute, and this one has.`,
        leftMs,
      );
  }

  count(ip: string): void {
    this.#sent.add(addressOf(ip));
  }
}

/** Of IPv6 the network of a customer: 64 bits. */
function addressOf(ip: string): string {
  return normalizeIP(ip);
}

function rateLimited(message: string, leftMs: number): AttuneError<RequestErrorCode> {
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  return new AttuneError('serving/rate-limited', message, {
    hint: `Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds },
  });
}
