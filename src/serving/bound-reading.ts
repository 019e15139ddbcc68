import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NDJSON_TYPE } from './api/predict.ts';
import { queueFull } from './queue-full.ts';
import type { ReadingRoom } from './reading-room.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bodies of the route are never whole in memory. */
    readonly streamed?: true;
  }
}

/** What a stream holds at once beside its lines, whatever its length. */
const STREAM_BYTES = 256 * 1024;
const RETRY_AFTER_SECONDS = 1;

/**
 * Bounds what the bodies of all requests take together: one that would not fit is refused before it is read. A body counts with
 * the length that it says it has, one that says none with the most that it may have, until its answer is out.
 */
export function boundReading(server: FastifyInstance, room: ReadingRoom, maxBodyBytes: number): void {
  server.addHook('onRequest', async (request, reply) => {
    const bytes = bytesOf(request, maxBodyBytes);
    if (bytes === 0) return;
    const held = room.take(bytes);
    if (held === undefined)
      throw queueFull(
        `Bodies of ${room.taken} bytes are being read and answered; there is no room for ${bytes} more.`,
        RETRY_AFTER_SECONDS,
      );
    reply.raw.once('close', () => held.keep(0));
  });
}

function bytesOf({ headers, routeOptions }: FastifyRequest, maxBodyBytes: number): number {
  const { streamed = false } = routeOptions.config;
  if (streamed || headers['content-type']?.startsWith(NDJSON_TYPE)) return STREAM_BYTES;
  const length = headers['content-length'];
  if (length !== undefined) return Math.min(Number(length), maxBodyBytes);
  return headers['transfer-encoding'] === undefined ? 0 : maxBodyBytes;
}
