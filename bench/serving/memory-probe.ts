/** Loaded into a service beside what it runs (`node --expose-gc --import`): says over its channel what memory it holds when nothing is left to collect. */
import { getActiveResourcesInfo, memoryUsage } from 'node:process';

/** In bytes; of the whole process `rss` alone, the others of its main thread. */
export type MemoryNow = {
  readonly rss: number;
  readonly heapUsed: number;
  /** Buffers among them. */
  readonly external: number;
  /** Sockets, timers, files and the like. */
  readonly handles: number;
};

process.on('message', () => {
  // What the first collection finalises, the second frees.
  for (let i = 0; i < 2; i++) globalThis.gc!();
  const { rss, heapUsed, external } = memoryUsage();
  const now: MemoryNow = { rss, heapUsed, external, handles: getActiveResourcesInfo().length };
  process.send!(now);
});
process.channel!.unref();
