/** Commands of Attune in processes of their own, which take time only where nobody else wants it: the service answers as before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';

/** How the command line is started: an interpreter and its first arguments. */
export type AttuneCommand = readonly [program: string, ...first: string[]];

export type EndedProcess = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type StartedProcess = {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedProcess>;
};

/**
 * @param folder - in which it runs
 * @param out - files for what it says on standard output and on standard error, which are replaced; paths as seen from here
 */
export function startAttune(
  [program, ...first]: AttuneCommand,
  words: readonly string[],
  folder: string,
  out: { readonly stdout: string; readonly stderr: string },
): StartedProcess {
  const stdout = openSync(out.stdout, 'w');
  const stderr = openSync(out.stderr, 'w');
  try {
    const child = spawn(program, [...first, ...words], {
      cwd: folder,
      // Over the channel it learns when the service is gone.
      stdio: ['ignore', stdout, stderr, 'ipc'],
      env: { ...process.env, NO_COLOR: '1' },
      // Ctrl-C at the terminal of the service is the service's: it passes one on, and a second would end a training at once.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const ended = new Promise<EndedProcess>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    lower(child.pid);
    return { child, ended };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

/** Where the system does not let a process give way, it does not. */
function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    return;
  }
}

/** Enough for why it failed. */
const SAID_BYTES = 64 * 1024;

/** What a command said last, in a file that may be long. */
export async function lastSaid(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, SAID_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

export type Complaint = {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
};

/** What a command said last of why it failed, as `report-error.ts` writes it; undefined where it said nothing of the kind. */
export function complaintIn(stderr: string): Complaint | undefined {
  const found = /^Error \[([\w/-]+)\] ([\s\S]*?)(?:\nWhat to do: ([\s\S]*))?$/m.exec(stderr.trim());
  if (found === null) return undefined;
  return { code: found[1]!, message: found[2]!.trim(), hint: found[3]?.trim() };
}
