/**
 * Pictures and sounds through `attune worker`, in every form that a change may have them: the answers are those of POST /v1/products:predict,
 * small copies are kept for people who review, and what cannot be read is told.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { noNats, type OwnNats, ownNats } from '../serving/stream/own-nats.ts';
import { attune, start, workspace } from './attune.ts';
import { config } from './shop.ts';
import { type Told, writeTold } from './told-media.ts';

const { folder } = workspace('worker-media');
type Said = Readonly<Record<string, { readonly value: unknown; readonly confidence: number }>>;
type Result = {
  readonly id: string;
  readonly attributes: Said;
  readonly problems?: readonly { field: string }[];
};

let products: readonly Told[];
beforeAll(async () => {
  products = await writeTold(folder(), 60, 1);
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku}',
      inputs: '{title: text, photo: {kind: image, most: 2}, clip: {kind: audio, seconds: 0.32}}',
      attributes: '{color: choice, tone: choice, kind: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32}',
      training: '{epochs: 1, threads: 1, batchSize: 8}',
    }),
  );
  const trained = await attune(folder(), 'train', '--out', 'model');
  expect(trained.code, trained.stderr).toBe(0);
}, 600_000);

const base64 = (name: string) => readFileSync(join(folder(), name)).toString('base64');

/** What the service answers, by id. */
async function posted(bodies: readonly object[]): Promise<ReadonlyMap<string, Said>> {
  const service = start(folder(), [
    'serve',
    '--model',
    'model',
    '--port',
    '0',
    '--threads',
    '1',
    '--json',
    '--log-level',
    'error',
  ]);
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      service.stdout.on('data', (text) => {
        said += text;
        if (said.includes('\n')) resolve(JSON.parse(said).url);
      });
      service.on('exit', () => reject(new Error('The service ended.')));
    });
    const answer = await fetch(`${url}/v1/products:predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ products: bodies }),
    });
    const { predictions } = (await answer.json()) as { predictions: Result[] };
    return new Map(predictions.map(({ id, attributes }) => [id, attributes]));
  } finally {
    service.kill('SIGTERM');
  }
}

function expectSame(results: readonly Result[], answers: ReadonlyMap<string, Said>): void {
  for (const { id, attributes } of results)
    for (const [name, { confidence, ...said }] of Object.entries(attributes)) {
      const { confidence: expected, ...other } = answers.get(id)![name]!;
      expect(other, `${name} of ${id}`).toMatchObject(said);
      expect(confidence, `${name} of ${id}`).toBeCloseTo(expected, 4);
    }
}

describe.skipIf(noNats !== undefined)(`through NATS${noNats ? `, skipped: ${noNats}` : ''}`, () => {
  let nats: OwnNats;
  let pictures: Server;
  beforeAll(async () => {
    nats = await ownNats(join(folder(), 'nats'));
    await nats.start();
    pictures = createServer((_, answer) => answer.end(readFileSync(join(folder(), products[0]!.photo))));
    await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  }, 600_000);
  afterAll(async () => {
    pictures?.close();
    await nats?.kill();
  });

  it('each form of a picture and a sound is answered as POST answers it', async () => {
    const [a, b, c] = products.slice(0, 3) as [Told, Told, Told];
    const { port } = pictures.address() as { port: number };
    const changes = [
      { id: 'bytes', title: a.title, photo: base64(a.photo), clip: base64(a.clip) },
      {
        id: 'uri',
        title: b.title,
        photo: `data:image/png;base64,${base64(b.photo)}`,
        clip: [base64(b.clip)],
      },
      { id: 'several', title: c.title, photo: [c, a, b].map(({ photo }) => base64(photo)) },
      { id: 'broken', title: c.title, photo: Buffer.from('no picture').toString('base64') },
      { id: 'address', title: a.title, photo: `http://127.0.0.1:${port}/a.png` },
    ];
    const connection = await connect({ servers: nats.url.replace('nats://', '') });
    try {
      await (await jetstreamManager(connection)).streams.add({
        name: 'attune-changes',
        subjects: ['attune.changes'],
      });
      for (const change of changes)
        await jetstream(connection).publish('attune.changes', JSON.stringify(change));
      const ran = await attune(
        folder(),
        ...['worker', '--model', 'model', '--threads', '1', '--once', '--json'],
        ...['--nats', nats.url, '--store', 'kept'],
      );
      expect(ran.code, ran.stderr).toBe(0);
      expect(JSON.parse(ran.stdout), ran.stderr).toMatchObject({ predicted: changes.length, buried: 0 });
      const jsm = await jetstreamManager(connection);
      const results = await Promise.all(
        changes.map(async (_, i) => {
          const message = await jsm.streams.getMessage('attune-predictions', { seq: i + 1 });
          return message!.json<Result>();
        }),
      );
      // The service takes bytes; an address of this machine's network is not followed, and the rest is answered.
      const answers = await posted(
        changes.map((one) => (one.id === 'address' ? { ...one, photo: null } : one)),
      );
      expectSame(results, answers);
      const problems = (id: string) => results.find((one) => one.id === id)!.problems;
      expect(problems('bytes')).toBeUndefined();
      expect(problems('broken')).toEqual([
        { field: 'photo', reason: expect.stringContaining('it holds text') },
      ]);
      expect(problems('address')).toEqual([{ field: 'photo', reason: expect.stringMatching(/public/) }]);
    } finally {
      await connection.close();
    }
    const store = await openStore({ folder: join(folder(), 'kept') });
    const copies = await store.pictures.of(changes.map(({ id }) => id));
    await store.close();
    const counts = changes.map(({ id }) => copies.filter(({ productId }) => productId === id).length);
    expect(counts).toEqual([1, 1, 3, 0, 0]);
  }, 600_000);
});

it('files of a catalog are answered as attune predict answers them', async () => {
  const ran = await attune(
    folder(),
    ...['worker', '--model', 'model', '--threads', '1', '--store', 'own', '--results', 'products.csv'],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const results = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
  expect(results).toHaveLength(products.length);
  const answers = await posted(
    products.map(({ sku, title, photo, clip }) => ({
      id: sku,
      title,
      photo: base64(photo),
      clip: base64(clip),
    })),
  );
  expectSame(results, answers);
}, 600_000);
