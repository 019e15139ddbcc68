/** Who may call from a page of another origin, and how often each caller may. */
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { AttuneError } from '../../base/errors.ts';
import type { RequestErrorCode } from '../errors.ts';

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
    keyGenerator: ({ caller, ip }) => (caller.id === 'nobody' ? ip : caller.id),
    allowList: ({ url }) => url.startsWith('/v2/health/'),
    errorResponseBuilder: (_request, { ttl }) => {
      const retryAfterSeconds = Math.max(1, Math.ceil(ttl / 1000));
      return new AttuneError<RequestErrorCode>(
        'serving/rate-limited',
        `A caller may make ${perMinute} calls a minute, and this one has.`,
        { hint: `Try again in ${retryAfterSeconds} s.`, details: { retryAfterSeconds } },
      );
    },
  });
}
