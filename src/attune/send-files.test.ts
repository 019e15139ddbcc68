import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { silent } from '../base/progress.ts';
import { localQueue } from '../serving/stream/local-queue.ts';
import { configSchema } from './config.ts';
import { sendFiles } from './send-files.ts';

const ROOM = 10;
const folder = mkdtempSync(join(tmpdir(), 'attune-send-'));
const file = join(folder, 'products.csv');
writeFileSync(
  file,
  `sku,title\n${Array.from({ length: 3 * ROOM }, (_, i) => `p${i},Coat ${i}`).join('\n')}\n`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const config = configSchema.parse({
  data: { path: file, id: 'sku' },
  inputs: { title: 'text' },
  attributes: { color: 'choice' },
});
const send = (signal: AbortSignal) => {
  const queue = localQueue({ epoch: 1, room: ROOM });
  return { queue, sent: sendFiles(queue, [file], config, signal, silent) };
};

it('products of a file wait for room in the queue, and go in in order', async () => {
  const { queue, sent } = send(new AbortController().signal);
  const seen: string[] = [];
  while (seen.length < 3 * ROOM)
    for (const delivery of await queue.take(4, 1000)) {
      seen.push(JSON.parse(Buffer.from(delivery.data).toString()).id);
      delivery.done();
    }
  expect(seen).toEqual(Array.from({ length: 3 * ROOM }, (_, i) => `p${i}`));
  expect(await sent).toBe(3 * ROOM);
});

it('nothing waits for room any more when the work is stopped and nobody takes', async () => {
  const stop = new AbortController();
  const { queue, sent } = send(stop.signal);
  const [first] = await queue.take(1, 10_000);
  stop.abort();
  // The one that was taken left room for one more.
  expect(await sent).toBeLessThanOrEqual(ROOM + 1);
  expect(await queue.idle()).toBe(false);
  first!.done();
});

it('nothing waits for room in a queue that was closed', async () => {
  const { queue, sent } = send(new AbortController().signal);
  await queue.take(1, 10_000);
  await queue.close();
  expect(await sent).toBeLessThanOrEqual(ROOM + 1);
});
