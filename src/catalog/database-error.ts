/**
 * What DuckDB says when it fails, as an error that teaches.
 */
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';

/** `cause` as an `AttuneError`; one that is already stays as it is. */
export function databaseError(cause: unknown, doing: string): AttuneError {
  if (cause instanceof AttuneError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const system = (cause as { code?: string } | undefined)?.code;
  const make = (code: CatalogErrorCode, text: string, hint: string) =>
    new AttuneError<CatalogErrorCode>(code, text, { hint, details: { doing }, cause });
  if (
    system === 'ENOSPC' ||
    /no space left|disk (is )?full|failed to offload|max_temp_directory_size/i.test(message)
  ) {
    return make(
      'catalog/disk-full',
      `The disk filled up while ${doing}.`,
      'Free some space, or name a scratch folder on another disk; it needs about twice the size of the data.',
    );
  }
  if (/out of memory|could not allocate|failed to allocate/i.test(message)) {
    return make(
      'catalog/out-of-memory',
      `DuckDB ran out of memory while ${doing}.`,
      'Give it more with a higher memory limit, or use fewer threads.',
    );
  }
  if (
    system === 'EACCES' ||
    system === 'EROFS' ||
    system === 'EPERM' ||
    /permission denied|read-only/i.test(message)
  ) {
    return make(
      'catalog/output-unwritable',
      `No permission while ${doing}: ${message.split('\n', 1)[0]}`,
      'Choose a folder that you may write to.',
    );
  }
  return make(
    'catalog/query',
    `DuckDB failed while ${doing}: ${message.split('\n', 1)[0]}`,
    'If a file changed while it was read, run again; else this is a fault of ours worth a report.',
  );
}
