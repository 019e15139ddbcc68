/** Talks to the service that sent the page. */
import type { Problem } from '../src/serving/api/problem.ts';
import { keptKey } from './key.ts';

/** What the service refused, in its own words. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor({ detail, hint, code, status }: Pick<Problem, 'detail' | 'hint' | 'code' | 'status'>) {
    super([detail, hint].filter(Boolean).join(' '));
    this.code = code;
    this.status = status;
  }
}

/**
 * @param path - below the page's address: `v1/models`
 * @throws Refused; TypeError when the service does not answer
 */
export async function ask<T>(
  path: string,
  { method = 'GET', body, signal }: { method?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const key = keptKey();
  const response = await fetch(path, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(signal === undefined ? {} : { signal }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw refusalIn(text, response.status);
}

/** @param text - of an answer that is no success */
export const refusalIn = (text: string, status: number): Refused => new Refused(problemIn(text, status));

/** A small copy of a picture, as an address that an image can have; a key goes with the question, which an image could not. */
export async function askForPicture(hash: string, signal: AbortSignal): Promise<string> {
  const key = keptKey();
  const response = await fetch(`v1/pictures/${hash}`, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    signal,
  });
  if (!response.ok) throw refusalIn(await response.text(), response.status);
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
  });
  reader.readAsDataURL(await response.blob());
  return read;
}

/** What stands between may answer with something else than a problem document. */
function problemIn(text: string, status: number): Pick<Problem, 'detail' | 'hint' | 'code' | 'status'> {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { detail: `The service answered ${status}.`, code: 'unknown', status };
  }
}

/** Whether the same question may be answered in a while: nobody answers, or the service cannot just now. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof TypeError || (error instanceof Refused && (error.status >= 500 || error.status === 429))
  );
}

export function wordsOf(error: unknown): string {
  if (error instanceof Refused && error.code === 'serving/not-found')
    return 'The service keeps nothing of this: start it with `attune serve --store FOLDER`, and to train with `--workspace FOLDER`.';
  if (error instanceof TypeError) return 'The service does not answer. Is it still running?';
  return error instanceof Error ? error.message : String(error);
}
