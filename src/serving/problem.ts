/**
 * From whatever went wrong to the problem document that a client reads. Nothing of an unexpected failure leaks: its
 * message may hold paths and data, so the log has it and the client gets the request's id.
 */
import { AttuneError } from '../base/errors.ts';
import { STORE_ERRORS, type StoreErrorCode } from '../store/errors.ts';
import type { Problem } from './api/problem.ts';
import { HTTP_STATUS, type RequestErrorCode, SERVING_ERRORS, STORE_STATUS } from './errors.ts';

/** One of several things wrong in a body; `pointer` as RFC 9457 has it: `#/products/3/title`. */
export type Fault = { readonly pointer: string; readonly detail: string };

type Known = { readonly error: AttuneError; readonly status: number; readonly title: string };

/** @param requestId - a UUID */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = knownRefusal(error);
  const code = known?.error.code ?? 'serving/internal';
  const faults = known?.error.details.errors as readonly Fault[] | undefined;
  return {
    type: `urn:attune:${code}`,
    title: known?.title ?? SERVING_ERRORS['serving/internal'],
    status: known?.status ?? HTTP_STATUS['serving/internal'],
    detail:
      known?.error.message ?? 'Something failed inside the service. Its log says what, under this instance.',
    instance: `urn:uuid:${requestId}`,
    code,
    ...(known?.error.hint !== undefined ? { hint: known.error.hint } : {}),
    ...(faults !== undefined ? { errors: [...faults] } : {}),
  };
}

function knownRefusal(error: unknown): Known | undefined {
  if (error instanceof AttuneError) {
    const { code } = error;
    if (Object.hasOwn(HTTP_STATUS, code)) return ours(error as AttuneError<RequestErrorCode>);
    if (!Object.hasOwn(STORE_STATUS, code)) return undefined;
    const stored = code as StoreErrorCode;
    return { error, status: STORE_STATUS[stored]!, title: STORE_ERRORS[stored] };
  }
  if (!(error instanceof Error)) return undefined;
  // Fastify's own refusals of a request that is not proper HTTP: wrong lengths, bad escapes in the address.
  const { statusCode } = error as { statusCode?: unknown };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  const message = `${error.message.replace(/\.$/, '')}.`;
  return ours(new AttuneError<RequestErrorCode>('serving/bad-request', message, { cause: error }));
}

function ours(error: AttuneError<RequestErrorCode>): Known {
  return { error, status: HTTP_STATUS[error.code], title: SERVING_ERRORS[error.code] };
}
