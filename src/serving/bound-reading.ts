import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import { NDJSON_TYPE } from './api/predict.ts';
import { UPLOAD_TYPE } from './api/training.ts';
import type { RequestErrorCode } from './errors.ts';
import type { ReadingRoom } from './reading-room.ts';

/** What a stream holds at once beside its lines, whatever its length. */
const STREAM_BYTES = 256 * 1024;
const STREAMED = [NDJSON_TYPE, UPLOAD_TYPE];
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
      throw new AttuneError<RequestErrorCode>(
        'serving/queue-full',
        `Bodies of ${room.taken} bytes are being read and answered; there is no room for ${bytes} more.`,
        {
          hint: `Try again in ${RETRY_AFTER_SECONDS} s.`,
          details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
        },
      );
    reply.raw.once('close', () => held.keep(0));
  });
}

function bytesOf({ headers }: FastifyRequest, maxBodyBytes: number): number {
  if (STREAMED.some((type) => headers['content-type']?.startsWith(type))) return STREAM_BYTES;
  const length = headers['content-length'];
  if (length !== undefined) return Math.min(Number(length), maxBodyBytes);
  return headers['transfer-encoding'] === undefined ? 0 : maxBodyBytes;
}
