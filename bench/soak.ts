/**
 * Whether memory stays flat: half an hour of cold and cached requests at `attune serve`. Between slices of load its memory is looked at
 * after a collection, so that what waits to be collected is not taken for a leak; what grows is told in MB an hour, with how sure that is.
 * The cache of answers is small, so that it is full long before the figures count.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { slopeOf } from './runner/slope.ts';
import { measure } from './serving/load.ts';
import type { MemoryNow } from './serving/memory-probe.ts';
import { readTitles, trainModel } from './serving/model.ts';
import { startOurs } from './serving/service.ts';

export const OPTIONS: OwnOptions = {
  checkpoint: 'folder of all-MiniLM-L6-v2 (needed, or --model)',
  model: 'a bundle that reads `title`, in place of one trained here',
  minutes: 'of load (default 30)',
  connections: 'default 16',
};

const SLICE_SECONDS = 15;
/** Of the run, from its start: memory fills its caches. */
const WARM_SHARE = 0.2;
const CACHE_MEGABYTES = 8;
const MEGABYTE = 1024 * 1024;

type Sample = MemoryNow & { readonly hours: number };

export async function run({ own, data, say }: BenchOptions): Promise<readonly Figure[]> {
  const { checkpoint, minutes = '30', connections = '16' } = own;
  if (checkpoint === undefined && own.model === undefined)
    throw new Error('bench soak needs --checkpoint FOLDER (all-MiniLM-L6-v2) or --model FOLDER.');
  const titles = readTitles(data);
  const scratch = mkdtempSync(join(tmpdir(), 'attune-soak-'));
  try {
    const model = own.model ?? (await trainModel(scratch, resolve(checkpoint!), titles));
    const service = await startOurs({ one: model }, ['--cache', String(CACHE_MEGABYTES)], { probed: true });
    try {
      const slices = Math.max(5, Math.round((Number(minutes) * 60) / SLICE_SECONDS));
      const started = performance.now();
      const samples: Sample[] = [];
      let requests = 0;
      for (let slice = 0; slice < slices; slice++) {
        const load = {
          connections: Number(connections),
          seconds: SLICE_SECONDS,
          titles,
          cold: slice % 2 === 0,
        };
        requests += (await measure(service, load)).requestsPerSecond * SLICE_SECONDS;
        const now = await service.memory();
        samples.push({ ...now, hours: (performance.now() - started) / 3_600_000 });
        const { rss, heapUsed, external, handles } = now;
        const inMegabytes = [rss, heapUsed, external].map((bytes) => (bytes / MEGABYTE).toFixed(1));
        say(
          `slice ${slice + 1} of ${slices}: resident ${inMegabytes[0]} MB, heap ${inMegabytes[1]} MB, buffers ${inMegabytes[2]} MB, ${handles} handles`,
        );
      }
      const warm = samples.slice(Math.floor(WARM_SHARE * slices));
      return [
        { name: 'soak requests', value: Math.round(requests), unit: 'requests' },
        ...growth('resident', 'MB', warm, ({ rss }) => rss / MEGABYTE),
        ...growth('heap', 'MB', warm, ({ heapUsed }) => heapUsed / MEGABYTE),
        ...growth('buffers', 'MB', warm, ({ external }) => external / MEGABYTE),
        ...growth('handles', 'handles', warm, ({ handles }) => handles),
      ];
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The middle value, its growth, and half of the 95% interval of that. */
function growth(
  name: string,
  unit: string,
  samples: readonly Sample[],
  of: (sample: Sample) => number,
): Figure[] {
  const values = samples.map(of);
  const { value, give } = slopeOf(
    samples.map(({ hours }) => hours),
    values,
  );
  return [
    { name: `soak ${name}`, value: median(values), unit },
    { name: `soak ${name}, growth`, value, unit: `${unit}/h` },
    { name: `soak ${name}, growth, give or take`, value: give, unit: `${unit}/h` },
  ];
}
