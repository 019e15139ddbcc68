/** The history of checks as a file of JSON lines, one a check, which a person can read and a log shipper can follow. */
import { appendFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import type { RaisedAlert, WatchedModel, WatchHistory } from './history.ts';
import type { Check } from './judge.ts';

type Line = Check & {
  readonly model: string;
  readonly version: string;
  readonly alerts: readonly RaisedAlert[];
};

export type HistoryFile = WatchHistory & {
  /** Adds a check and what it raised: both or neither. */
  add(check: Check, raised: readonly RaisedAlert[]): Promise<void>;
};

/** A line that was cut by a crash is not counted; what is added later stands on a line of its own. Lines of other models are passed over. */
export function historyFile(path: string, { name: model, version }: WatchedModel): HistoryFile {
  async function lines(): Promise<readonly Line[]> {
    return (await textOf(path)).split('\n').flatMap((text) => {
      try {
        const line = JSON.parse(text) as Partial<Line>;
        const isWhole = typeof line.time === 'number' && line.signals && line.alerts;
        return isWhole && line.model === model && line.version === version ? [line as Line] : [];
      } catch {
        return [];
      }
    });
  }
  return {
    checks: async (most) =>
      most === 0 ? [] : (await lines()).slice(-most).map(({ time, signals }) => ({ time, signals })),
    alerts: async (since) =>
      (await lines())
        .flatMap(({ alerts }) => alerts)
        .filter(({ time, delivered }) => time >= since && delivered),
    add: async ({ time, signals }, alerts) => {
      await makeFolder(dirname(path));
      const before = await textOf(path);
      const fresh = before === '' || before.endsWith('\n') ? '' : '\n';
      await appendFile(path, `${fresh}${JSON.stringify({ time, model, version, signals, alerts })}\n`);
    },
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw cause;
  }
}
