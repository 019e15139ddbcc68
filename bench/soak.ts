/** Whether memory stays flat: half an hour of cold and cached requests at `attune serve`, its resident memory looked at meanwhile. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { measure } from './serving/load.ts';
import { readTitles, trainModel } from './serving/model.ts';
import { startOurs } from './serving/service.ts';

export const OPTIONS: OwnOptions = {
  checkpoint: 'folder of all-MiniLM-L6-v2 (needed)',
  model: 'a bundle that reads `title`, in place of one trained here',
  minutes: 'of load (default 30)',
  connections: 'default 16',
};

const SLICE_SECONDS = 15;
/** Of the run, from its start: memory fills its caches. */
const WARM_SHARE = 0.2;

export async function run({ own, data, say }: BenchOptions): Promise<readonly Figure[]> {
  const { checkpoint, minutes = '30', connections = '16' } = own;
  if (checkpoint === undefined) throw new Error('bench soak needs --checkpoint FOLDER (all-MiniLM-L6-v2).');
  const titles = readTitles(data);
  const scratch = mkdtempSync(join(tmpdir(), 'attune-soak-'));
  try {
    const model = own.model ?? (await trainModel(scratch, resolve(checkpoint), titles));
    const service = await startOurs({ one: model });
    try {
      const slices = Math.max(3, Math.round((Number(minutes) * 60) / SLICE_SECONDS));
      const memory: number[] = [];
      let requests = 0;
      for (let slice = 0; slice < slices; slice++) {
        const load = {
          connections: Number(connections),
          seconds: SLICE_SECONDS,
          titles,
          cold: slice % 2 === 0,
        };
        requests += (await measure(service, load)).requestsPerSecond * SLICE_SECONDS;
        memory.push(residentMegabytes(service.process.pid!));
        say(`slice ${slice + 1} of ${slices}: ${memory.at(-1)!.toFixed(0)} MB`);
      }
      const warm = memory.slice(Math.floor(WARM_SHARE * slices));
      const third = Math.max(1, Math.floor(warm.length / 3));
      const [first, last] = [median(warm.slice(0, third)), median(warm.slice(-third))];
      return [
        { name: 'soak requests', value: Math.round(requests), unit: 'requests' },
        { name: 'soak memory, first third', value: first, unit: 'MB' },
        { name: 'soak memory, last third', value: last, unit: 'MB' },
        { name: 'soak growth', value: (100 * (last - first)) / first, unit: '%' },
      ];
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Of a process on Linux. */
function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
