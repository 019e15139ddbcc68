import { predictionError } from './errors.ts';

/** The error for a file or folder that cannot be written; one that already explains itself passes through. */
export function unwritable(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (!(cause instanceof Error) || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return cause;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return predictionError('prediction/unwritable', `${path} cannot be written: ${message}.`, {
    hint: full
      ? 'The disk is full: free some space and run it again; nothing half-written was left.'
      : 'Choose a folder that is there and that you may write to.',
    cause,
  });
}
