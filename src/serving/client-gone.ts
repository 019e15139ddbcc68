import { setMaxListeners } from 'node:events';
import type { FastifyReply } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import type { RequestErrorCode } from './errors.ts';

/** Aborts when the connection closes before the answer is out. */
export function goneSignal({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController();
  // Every line under way listens.
  setMaxListeners(0, gone.signal);
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

export function clientGone(): AttuneError<RequestErrorCode> {
  return new AttuneError(
    'serving/client-gone',
    'The client closed the connection before its answer was ready.',
  );
}
