/** What PostgreSQL, PGlite and the network say when they fail, as errors that teach. */
import { AttuneError } from '../base/errors.ts';
import { type StoreErrorCode, storeError } from './errors.ts';

type Cause = Partial<NodeJS.ErrnoException> & { readonly detail?: string; readonly cause?: unknown };

const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|ENOENT)$/;
const GONE =
  /connection terminated|connection ended|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|server closed the connection|PGlite is closed|cannot use a pool after calling end/i;

const HINTS: { readonly [C in StoreErrorCode]?: string } = {
  'store/unavailable':
    'Check that the database runs and can be reached; the store connects again by itself when it does.',
  'store/refused':
    'Check user, password and database of the address, and that the user may make tables in a schema "attune".',
  'store/disk-full': 'Free some space on the disk of the database, then do it again.',
  'store/bad-value': 'Correct the value and do it again.',
  'store/query': 'This is a fault of ours worth a report.',
};

/** `error` as an `AttuneError`; one that is already stays as it is. */
export function databaseError(error: unknown): AttuneError {
  if (error instanceof AttuneError) return error;
  const cause = innermost(error);
  const code = codeOf(cause);
  const said = [cause.message ?? String(error), cause.detail].filter((text) => text).join(' ');
  return storeError(code, `${WORDS[code] ?? 'The database failed'}: ${said}`, {
    ...(HINTS[code] === undefined ? {} : { hint: HINTS[code] }),
    details: { sqlState: cause.code },
    cause: error,
  });
}

/** Whether a transaction was broken off because of another one, and may be begun again. */
export function mayBeRetried(error: unknown): boolean {
  return ['40001', '40P01'].includes(innermost(error).code ?? '');
}

const WORDS: { readonly [C in StoreErrorCode]?: string } = {
  'store/unavailable': 'The database does not answer',
  'store/refused': 'The database refuses',
  'store/disk-full': 'The disk of the database is full',
  'store/bad-value': 'The database does not take a value',
};

function codeOf({ code = '', message = '' }: Cause): StoreErrorCode {
  if (NETWORK.test(code) || /^(08|57P0)/.test(code) || code === '53300' || GONE.test(message))
    return 'store/unavailable';
  if (code === 'ENOSPC' || code === '53100' || /no space left/i.test(message)) return 'store/disk-full';
  if (/^28/.test(code) || code === '3D000' || code === '42501' || /password must be a string/.test(message))
    return 'store/refused';
  // A foreign key that points nowhere: the product was removed while this was under way, or never was there.
  if (code === '23503') return 'store/not-found';
  if (/^(22|23)/.test(code) || code === '54000') return 'store/bad-value';
  return 'store/query';
}

/** Drizzle wraps what the driver said; a refused connection to several addresses is an aggregate. */
function innermost(error: unknown): Cause {
  let at = (error ?? {}) as Cause & { errors?: readonly unknown[] };
  while (at.code === undefined && (at.cause ?? at.errors?.[0]))
    at = (at.cause ?? at.errors?.[0]) as typeof at;
  return at;
}
