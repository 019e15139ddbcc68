/** Errors as a person reads them, and the exit code of each. */
import pc from 'picocolors';
import { exitCodeOf } from '../attune.ts';
import { AttuneError } from '../base/errors.ts';

/** 0 fine, 1 error, 2 wrong usage, 100 a quality gate failed. */
export const EXIT = { fine: 0, error: 1, usage: 2, gateFailed: 100 } as const;

/** Prints what was wrong and what to do; returns the exit code. */
export function reportError(error: unknown): number {
  const { code, path, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof AttuneError) && typeof path === 'string' && /^E[A-Z]+$/.test(code ?? '')) {
    process.stderr.write(`${pc.red('Error')} ${pc.dim(`[${code}]`)} ${path} cannot be used: ${message}.\n`);
    process.stderr.write(
      `${pc.cyan('What to do:')} Check that the path is right, that you may read and write there, and that the disk has room.\n`,
    );
    return EXIT.error;
  }
  if (!(error instanceof AttuneError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `${pc.red('Something in Attune broke.')} Please report it with the text below.\n${text}\n`,
    );
    return EXIT.error;
  }
  process.stderr.write(`${pc.red('Error')} ${pc.dim(`[${error.code}]`)} ${error.message}\n`);
  if (error.hint) process.stderr.write(`${pc.cyan('What to do:')} ${error.hint}\n`);
  return exitCodeOf(error.code);
}
