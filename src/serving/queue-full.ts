import { AttuneError } from '../base/errors.ts';
import type { RequestErrorCode } from './errors.ts';

const MOST_SECONDS = 60;

/**
 * A refusal that says when to come again, between a second and a minute from now.
 * @param message - what there is no room for
 * @param seconds - until there will be some, as far as one can tell
 */
export function queueFull(message: string, seconds: number): AttuneError<RequestErrorCode> {
  const retryAfterSeconds = Math.min(Math.max(Math.ceil(seconds), 1), MOST_SECONDS);
  return new AttuneError('serving/queue-full', message, {
    hint: `Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds },
  });
}
