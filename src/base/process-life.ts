/** Whether another process of this machine still runs. */
import { readFile } from 'node:fs/promises';

export type ProcessMark = {
  readonly pid: number;
  /** When the process began, in the system's own ticks; tells a later process with the same number apart. */
  readonly begun: string;
};

export async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, begun: await begunAt(pid) };
}

export async function isAlive({ pid, begun }: ProcessMark): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await begunAt(pid);
  return begun === '' || now === '' || begun === now;
}

/** Only where it is surely this process: another may have its number by now. */
export async function sendSignal({ pid, begun }: ProcessMark, signal: NodeJS.Signals): Promise<void> {
  if (begun === '' || (await begunAt(pid)) !== begun) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
    return;
  }
}

/** From Linux's table of processes; empty elsewhere, where the number of the process has to do. */
async function begunAt(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the 22nd field of all is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
