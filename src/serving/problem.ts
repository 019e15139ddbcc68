/**
 * From whatever went wrong to the problem document that a client reads. Nothing of an unexpected failure leaks: its
 * message may hold paths and data, so the log has it and the client gets the request's id.
 */
import { AttuneError } from '../base/errors.ts';
import type { Problem } from './api/problem.ts';
import { HTTP_STATUS, type RequestErrorCode, SERVING_ERRORS } from './errors.ts';

/** One of several things wrong in a body; `pointer` as RFC 9457 has it: `#/products/3/title`. */
export type Fault = { readonly pointer: string; readonly detail: string };

/** @param requestId - a UUID */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = knownRefusal(error);
  const code = known?.code ?? 'serving/internal';
  const faults = known?.details.errors as readonly Fault[] | undefined;
  return {
    type: `urn:attune:${code}`,
    title: SERVING_ERRORS[code],
    status: HTTP_STATUS[code],
    detail: known?.message ?? 'Something failed inside the service. Its log says what, under this instance.',
    instance: `urn:uuid:${requestId}`,
    code,
    ...(known?.hint !== undefined ? { hint: known.hint } : {}),
    ...(faults !== undefined ? { errors: [...faults] } : {}),
  };
}

function knownRefusal(error: unknown): AttuneError<RequestErrorCode> | undefined {
  if (error instanceof AttuneError)
    return Object.hasOwn(HTTP_STATUS, error.code) ? (error as AttuneError<RequestErrorCode>) : undefined;
  if (!(error instanceof Error)) return undefined;
  // Fastify's own refusals of a request that is not proper HTTP: wrong lengths, bad escapes in the address.
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? new AttuneError('serving/bad-request', `${error.message.replace(/\.$/, '')}.`, { cause: error })
    : undefined;
}
