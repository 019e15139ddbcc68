/** What a command does when the program that started it, and kept a channel to it, is gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { DIST, workspace } from './attune.ts';

const { folder } = workspace('interrupt');
const INTERRUPT = () => pathToFileURL(join(DIST, 'cli', 'interrupt.js')).href;

/** Runs a script in a process whose channel ends at once. */
async function alone(script: string): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder(),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.disconnect();
  // A child whose channel was ended from here never says that it is closed.
  const [[code]] = await Promise.all([once(child, 'exit'), once(child.stdout!, 'end')]);
  return { code, said };
}

/** Until the end of the channel was told, to which nobody listened yet. */
const LATE = "while (process.connected) await new Promise((resolve) => process.once('disconnect', resolve));";

it('work that keeps what it did is asked to stop, also where it begins when that program is gone', async () => {
  const { code, said } = await alone(
    `${LATE} const { onInterrupt } = await import('${INTERRUPT()}'); console.log(onInterrupt().stopRequested());`,
  );
  expect([code, said]).toEqual([0, 'true\n']);
});

it('work that keeps nothing ends', async () => {
  const endless = 'setInterval(() => {}, 1000);';
  const late = await alone(
    `${LATE} const { endWithStarter } = await import('${INTERRUPT()}'); endWithStarter(); ${endless}`,
  );
  expect(late.code).toBe(1);
  const { code } = await alone(
    `const { endWithStarter } = await import('${INTERRUPT()}'); endWithStarter(); ${endless}`,
  );
  expect(code).toBe(1);
});
