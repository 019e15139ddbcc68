/**
 * `attune worker` and `attune predict --distributed`, from the command line: in one process, and against a NATS and a PostgreSQL of the
 * test's own while workers, both servers and connections are killed at random.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { type OwnPostgres, ownPostgres, postgresPrograms } from '../contracts/store/own-postgres.ts';
import { queryOn } from '../contracts/store/query-on.ts';
import { noNats, type OwnNats, ownNats } from '../serving/stream/own-nats.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { csv, openShop, shop } from './shop.ts';

const { folder } = workspace('worker');
const ATTRIBUTES = 3;

beforeAll(async () => {
  openShop(folder());
  const trained = await attune(folder(), 'train', '-c', 'attune.yaml', '--out', 'model');
  expect(trained.code, trained.stderr).toBe(0);
});

const work = ['worker', '--model', 'model', '--threads', '1', '--json'];

describe('in one process', () => {
  it('predicts the products of a file into a folder, once, and what has not changed not again', async () => {
    const first = await attune(folder(), ...work, 'products.csv', '--results');
    expect(first.code, first.stderr).toBe(0);
    const lines = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.pop()).toMatchObject({ sent: 60, predicted: 60, buried: 0 });
    expect(new Set(lines.map(({ id }) => id)).size).toBe(60);
    expect(Object.keys(lines[0].attributes)).toEqual(['color', 'material', 'weight']);
    const predicted = await attune(
      folder(),
      'predict',
      'products.csv',
      '--model',
      'model',
      '--out',
      'alone.csv',
    );
    expect(predicted.code, predicted.stderr).toBe(0);
    const shared = await attune(
      folder(),
      ...[
        'predict',
        'products.csv',
        '--model',
        'model',
        '--out',
        'shared.csv',
        '--distributed',
        '--threads',
        '1',
      ],
    );
    expect(shared.code, shared.stderr).toBe(0);
    expect(readFileSync(join(folder(), 'shared.csv'), 'utf8')).toBe(
      readFileSync(join(folder(), 'alone.csv'), 'utf8'),
    );
  });
});

const noPostgres = postgresPrograms() === undefined ? 'PostgreSQL is not installed' : undefined;
const missing = [noNats, noPostgres].filter((reason) => reason !== undefined).join('; ');

describe.skipIf(missing !== '')(
  `on NATS and PostgreSQL${missing === '' ? '' : `, skipped: ${missing}`}`,
  () => {
    let nats: OwnNats;
    let postgres: OwnPostgres;
    const workers: ChildProcess[] = [];
    const addresses = () => ['--nats', nats.url, '--store', postgres.url];

    beforeAll(async () => {
      nats = await ownNats(join(folder(), 'nats'));
      postgres = await ownPostgres();
      await nats.start();
      postgres.start();
    }, 600_000);
    afterAll(async () => {
      for (const worker of workers) worker.kill('SIGKILL');
      await nats?.kill();
      postgres?.remove();
    });

    async function hire(): Promise<ChildProcess> {
      const worker = start(folder(), [...work, ...addresses(), '--ack-wait', '3']);
      workers.push(worker);
      worker.stdout.resume();
      await new Promise<void>((resolve, reject) => {
        let said = '';
        worker.stderr.on('data', (text) => {
          said += text;
          if (said.includes('Working with')) resolve();
        });
        worker.on('exit', () => reject(new Error(said)));
      });
      return worker;
    }

    it('gives every product exactly one current prediction an attribute, whatever is killed', async () => {
      const products = shop(400, 7);
      writeFileSync(
        join(folder(), 'many.csv'),
        csv(products.map(({ sku, kind, title, description }) => ({ sku, kind, title, description }))),
      );
      const sent = await attune(
        folder(),
        'worker',
        'many.csv',
        '--send',
        '--model',
        'model',
        '--nats',
        nats.url,
      );
      expect(sent.code, sent.stderr).toBe(0);

      const random = new Random(11, 0xc4a05);
      const team = await Promise.all([hire(), hire()]);
      const kills: readonly (() => Promise<unknown>)[] = [
        async () => {
          const at = random.below(team.length);
          team[at]!.kill('SIGKILL');
          team[at] = await hire();
        },
        () => nats.kill().then(() => nats.start()),
        async () => {
          postgres.murder();
          postgres.start();
        },
        () =>
          queryOn(
            postgres.url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'attune'",
          ),
      ];
      for (const kill of kills) {
        await pause(random.below(1500));
        await kill();
      }
      // An older change, given out late, must not take a newer one back: this one comes while workers die.
      const last = await attune(
        folder(),
        'worker',
        'many.csv',
        '--send',
        '--model',
        'model',
        '--nats',
        nats.url,
      );
      expect(last.code, last.stderr).toBe(0);
      const final = await attune(folder(), ...work, ...addresses(), '--once');
      expect(final.code, final.stderr).toBe(0);

      const [rows] = await queryOn(
        postgres.url,
        `SELECT (SELECT count(*)::integer FROM attune.products) AS products, count(*)::integer AS predictions,
        count(DISTINCT (product_id, attribute))::integer AS pairs FROM attune.predictions`,
      );
      expect(rows).toEqual({ products: 400, predictions: 400 * ATTRIBUTES, pairs: 400 * ATTRIBUTES });
      const [doubled] = await queryOn(
        postgres.url,
        'SELECT count(*)::integer AS n FROM attune.prediction_history',
      );
      expect(doubled, 'no prediction took the place of one of the same product').toEqual({ n: 0 });
      const dead = await attune(folder(), 'worker', '--dead', '--nats', nats.url);
      expect(dead.stderr).toContain('0 changes are set aside');
      for (const worker of team) {
        const end = ended(worker);
        worker.kill('SIGTERM');
        expect((await end).code).toBe(0);
      }
    }, 600_000);

    it('lists what is no change with the reason, and puts it back', async () => {
      const { connect } = await import('@nats-io/transport-node');
      const { jetstream } = await import('@nats-io/jetstream');
      const connection = await connect({ servers: nats.url.replace('nats://', '') });
      await jetstream(connection).publish('attune.changes', '{"id": "p1", "title": 7}');
      await connection.close();
      const run = await attune(folder(), ...work, ...addresses(), '--once');
      expect(JSON.parse(run.stdout), run.stderr).toMatchObject({ predicted: 0, buried: 1 });
      const listed = await attune(folder(), 'worker', '--dead', '--nats', nats.url, '--json');
      expect(JSON.parse(listed.stdout)).toMatchObject({
        code: 'serving/invalid-request',
        change: '{"id": "p1", "title": 7}',
      });
      const back = await attune(folder(), 'worker', '--nats', nats.url, '--requeue');
      expect(back.stderr).toContain('1 changes put back');
    });

    it('predicts a file together, and a worker that dies loses its part to another', async () => {
      const [one, two] = await Promise.all([hire(), hire()]);
      const running = attune(
        folder(),
        ...['predict', 'many.csv', '--model', 'model', '--out', 'together.csv', '--threads', '1'],
        ...['--distributed', '--store', postgres.url],
      );
      one.kill('SIGKILL');
      const shared = await running;
      expect(shared.code, shared.stderr).toBe(0);
      const alone = await attune(folder(), 'predict', 'many.csv', '--model', 'model', '--out', 'apart.csv');
      expect(alone.code, alone.stderr).toBe(0);
      expect(readFileSync(join(folder(), 'together.csv'), 'utf8')).toBe(
        readFileSync(join(folder(), 'apart.csv'), 'utf8'),
      );
      const [left] = await queryOn(postgres.url, 'SELECT count(*)::integer AS n FROM attune.work_parts');
      expect(left).toEqual({ n: 0 });
      two.kill('SIGKILL');
    }, 600_000);

    it('a run that was killed goes on where it was, in Parquet too, though a worker died in the middle', async () => {
      writeFileSync(
        join(folder(), 'more.csv'),
        csv(shop(3000, 9).map(({ sku, kind, title, description }) => ({ sku, kind, title, description }))),
      );
      const predict = ['predict', 'more.csv', '--model', 'model', '--threads', '1'];
      const together = [...predict, '--out', 'more.parquet', '--distributed', '--store', postgres.url];
      const [one, two] = await Promise.all([hire(), hire()]);
      const killed = start(folder(), together);
      killed.stdout.resume();
      killed.stderr.resume();
      const gone = ended(killed);
      const noted = join(folder(), 'more.parquet.partial.json');
      while (!existsSync(noted) && killed.exitCode === null) await pause(5);
      one.kill('SIGKILL');
      killed.kill('SIGKILL');
      expect((await gone).code, 'it was killed before it was done').toBe(null);
      const { rows } = JSON.parse(readFileSync(noted, 'utf8')) as { rows: number };
      expect(rows).toBeGreaterThan(0);
      expect(rows).toBeLessThan(3000);
      const again = await attune(folder(), ...together, '--json');
      expect(again.code, again.stderr).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ rows: 3000, resumedRows: rows });
      const alone = await attune(folder(), ...predict, '--out', 'alone.parquet');
      expect(alone.code, alone.stderr).toBe(0);
      expect(await rowsOf('more.parquet')).toEqual(await rowsOf('alone.parquet'));
      two.kill('SIGKILL');
    }, 600_000);

    async function rowsOf(name: string): Promise<readonly unknown[]> {
      const connection = await (await DuckDBInstance.create()).connect();
      const reader = await connection.runAndReadAll(`SELECT * FROM '${join(folder(), name)}'`);
      connection.closeSync();
      return reader.getRowsJson();
    }
  },
);

it('says what to do when no NATS answers', async () => {
  const run = await attune(
    folder(),
    ...work,
    '--nats',
    'nats://127.0.0.1:9',
    '--store',
    join(folder(), 'other-store'),
  );
  expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('NATS does not answer')]);
});
