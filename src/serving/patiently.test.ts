import { expect, it } from 'vitest';
import { AttuneError } from '../base/errors.ts';
import { patiently } from './patiently.ts';

const away = new AttuneError('store/unavailable', 'The database is away.');

/** Fails so often, then succeeds. */
function failing(times: number, error: Error = away) {
  let tries = 0;
  return async () => {
    if (tries++ < times) throw error;
    return tries;
  };
}

it('does it again until what it needs is there, and says each time why it waits', async () => {
  const waits: string[] = [];
  const onWait = (why: string) => waits.push(why);
  expect(await patiently(failing(3), { onWait, firstPauseMs: 1 })).toBe(4);
  expect(waits).toEqual(Array(3).fill('The database is away.'));
});

it('leaves any other failure to the caller, and on the way out this one too', async () => {
  const onWait = () => expect.unreachable();
  await expect(patiently(failing(1, new Error('ours')), { onWait })).rejects.toThrow('ours');
  await expect(patiently(failing(1), { onWait, signal: AbortSignal.abort() })).rejects.toBe(away);
});

it('does not wait out its pause when it is told to stop', async () => {
  const stop = new AbortController();
  const onWait = () => stop.abort();
  await expect(patiently(failing(9), { onWait, signal: stop.signal, firstPauseMs: 60_000 })).rejects.toBe(
    away,
  );
});
