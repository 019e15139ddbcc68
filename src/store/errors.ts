import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Every code of this folder with what it means. */
export const STORE_ERRORS = {
  'store/unavailable':
    'The database does not answer, or went away while it worked. What was confirmed before is there.',
  'store/refused': 'The database does not let this user in, or do this.',
  'store/address-invalid': 'What was given as a store is neither a folder nor a PostgreSQL address.',
  'store/folder-locked': 'Another process has the folder of the embedded database, or the workspace, open.',
  'store/folder-invalid': 'A folder cannot hold the embedded database, or what is in it cannot be opened.',
  'store/newer-schema': 'The tables were made by a newer version of Attune.',
  'store/disk-full': 'The disk of the database is full. Nothing of what was to be written is there.',
  'store/bad-value': 'A value cannot be kept, or lies outside its range.',
  'store/not-found': 'What was named is not in the store.',
  'store/conflict': 'The change rests on something that has changed meanwhile.',
  'store/backup-exists': 'A backup was to be written over a file that is there.',
  'store/backup-unwritable': 'A backup cannot be written.',
  'store/backup-missing': 'There is no backup to restore, or it cannot be read.',
  'store/backup-invalid': 'A file is no whole backup of a store. The store is as it was.',
  'store/not-empty': 'A backup was to be restored into a store that has records.',
  'store/query': 'The database failed on a query of ours.',
} as const;

export type StoreErrorCode = keyof typeof STORE_ERRORS;

export function storeError(
  code: StoreErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<StoreErrorCode> {
  return new AttuneError(code, message, options);
}
