/** How a training ended, from what it said of itself and from how its process went. */
import { AttuneError } from '../../base/errors.ts';
import type { RunAnswer } from '../api/training.ts';
import { complaintIn, type EndedProcess } from './attune-process.ts';
import type { Progress } from './run-progress.ts';

export type Ending = Pick<RunAnswer, 'state' | 'problem'>;

/** Of what a process said last, without a word of why it ended. */
const TAIL_CHARACTERS = 1000;

export function endingOf({
  code,
  signal,
  said,
  told,
  asked,
  closing,
}: EndedProcess & {
  /** On standard error. */
  readonly said: string;
  /** What its log says of the end. */
  readonly told: Progress['end'];
  /** Whether a person asked it to stop. */
  readonly asked: boolean;
  /** Whether the service did, since it closes. */
  readonly closing: boolean;
}): Ending {
  // Its log could not be written to the end where the disk was full.
  if (told?.event === 'finished' || (told === undefined && code === 0))
    return { state: 'finished', problem: null };
  if (told?.event === 'failed') {
    const { code: why, message, hint = null } = told;
    return { state: 'failed', problem: { code: why, message, hint } };
  }
  if (asked) return { state: 'stopped', problem: null };
  if (closing || told?.event === 'stopped') return { state: 'interrupted', problem: null };
  const complaint = complaintIn(said);
  if (complaint !== undefined)
    return { state: 'failed', problem: { ...complaint, hint: complaint.hint ?? null } };
  const how = signal === null ? `with the code ${code}` : `by the signal ${signal}`;
  const words = said.trim().slice(-TAIL_CHARACTERS);
  return failed(
    `The training was ended ${how}.${words === '' ? '' : ` It said last: ${words}`}`,
    signal === 'SIGKILL'
      ? 'Systems end processes so when memory runs out: free some, or take a smaller batch or model. It can be resumed.'
      : undefined,
  );
}

/** @param error - why the process could not be started */
export function neverStarted(error: unknown): Ending {
  const { message } = error as Error;
  const said = `The training could not be started: ${message.replace(/\.$/, '')}.`;
  return failed(said, error instanceof AttuneError ? error.hint : undefined);
}

function failed(message: string, hint?: string): Ending {
  return { state: 'failed', problem: { code: 'serving/training-failed', message, hint: hint ?? null } };
}
