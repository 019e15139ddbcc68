import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { AttuneError } from '../base/errors.ts';
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

it('a queue that goes away is waited for, and all products are in when it is back', async () => {
  const queue = localQueue({ epoch: 1 });
  const told: string[] = [];
  let away = 2;
  const flaky = {
    fits: () => true,
    send: (...given: Parameters<typeof queue.send>) => {
      if (away-- > 0) throw new AttuneError('serving/stream-unavailable', 'NATS is away.');
      return queue.send(...given);
    },
  };
  const sent = sendFiles(flaky, [file], config, new AbortController().signal, (event) => {
    if (event.kind === 'warning') told.push(event.text);
  });
  expect(await sent).toBe(3 * ROOM);
  expect(told).toEqual(['NATS is away.', 'NATS is away.']);
  expect(await queue.take(100, 1000)).toHaveLength(3 * ROOM);
});

it('pictures are sent as their bytes, addresses as they are, and what cannot be read is told', async () => {
  const path = join(folder, 'pictures.csv');
  writeFileSync(join(folder, 'a.png'), 'bytes of a picture');
  writeFileSync(
    path,
    'sku,title,photo\np1,Coat,a.png\np2,Coat,https://shop.example/b.png\np3,Coat,none.png\n',
  );
  const queue = localQueue({ epoch: 1 });
  const warnings: string[] = [];
  const pictures = configSchema.parse({
    data: { path, id: 'sku' },
    inputs: { title: 'text', photo: 'image' },
    attributes: { color: 'choice' },
  });
  await sendFiles(queue, [path], pictures, new AbortController().signal, (event) => {
    if (event.kind === 'warning') warnings.push(event.text);
  });
  const changes = (await queue.take(10, 1000)).map(({ data }) => JSON.parse(Buffer.from(data).toString()));
  expect(changes.map(({ photo }) => photo)).toEqual([
    [Buffer.from('bytes of a picture').toString('base64')],
    ['https://shop.example/b.png'],
    [],
  ]);
  expect(warnings.at(-1)).toMatch(
    /^1 pictures or sounds .* the first: photo of p3: .*none\.png is not there/,
  );
});

it('as many pictures are sent as the model reads, and a product that does not fit is told, and holds up no other', async () => {
  const path = join(folder, 'many.csv');
  for (const name of ['b1.png', 'b2.png', 'b3.png']) writeFileSync(join(folder, name), `bytes of ${name}`);
  writeFileSync(path, `sku,title,photo\np1,Coat,b*.png\np2,${'Coat '.repeat(100)},\np3,Coat,b3.png\n`);
  const queue = localQueue({ epoch: 1 });
  const small = { send: queue.send, fits: (change: Uint8Array) => change.length < 200 };
  const warnings: string[] = [];
  const two = configSchema.parse({
    data: { path, id: 'sku' },
    inputs: { title: 'text', photo: { kind: 'image', most: 2 } },
    attributes: { color: 'choice' },
  });
  const sent = await sendFiles(small, [path], two, new AbortController().signal, (event) => {
    if (event.kind === 'warning') warnings.push(event.text);
  });
  expect(sent).toBe(2);
  const changes = (await queue.take(10, 1000)).map(({ data }) => JSON.parse(Buffer.from(data).toString()));
  expect(changes.map(({ id, photo }) => [id, photo.length])).toEqual([
    ['p1', 2],
    ['p3', 1],
  ]);
  expect(warnings.at(-1)).toMatch(
    /^1 products are larger than NATS takes .* the first: p2 \(row 2 of .*many\.csv, \d+ bytes\)/,
  );
});

it('a queue that is full of bytes makes the sender wait, too', async () => {
  const queue = localQueue({ epoch: 1, roomBytes: 100 });
  const stop = new AbortController();
  const sent = queue.send(
    Array.from({ length: 5 }, () => Buffer.alloc(60)),
    stop.signal,
  );
  expect(await queue.take(10, 1000)).toHaveLength(2);
  for (let taken = 2; taken < 5; ) taken += (await queue.take(10, 1000)).length;
  expect(await sent).toBe(5);
});
