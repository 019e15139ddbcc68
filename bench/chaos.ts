/**
 * Workers under fire: many products go through a NATS and a PostgreSQL of the benchmark's own to several workers, while workers, NATS,
 * PostgreSQL and connections are killed at random times; at the end every product must have exactly one current prediction an attribute.
 * Before that, in peace: products/s of one and of two workers of one thread each.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Random } from '../src/base/random.ts';
import type { Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';

export const OPTIONS: OwnOptions = {
  model: 'folder of a trained model that reads a title (needed)',
  attune: 'the command line, as a script for node (default dist/cli/main.js of this checkout)',
  products: 'how many under fire (default 100000)',
  calm: 'how many for the throughput of one and two workers (default 20000; 0 leaves it out)',
  workers: 'under fire (default 4)',
  seconds: 'between two kills, on average (default 10)',
  seed: 'of what is killed when (default 1)',
  nats: 'program (default nats-server)',
  postgres: 'folder of the programs (default /usr/lib/postgresql/15/bin)',
};

const WORDS = 'navy red green wool cotton linen coat shirt lamp mug glass steel small large round soft'.split(
  ' ',
);

export async function run({ own, say }: BenchOptions): Promise<readonly Figure[]> {
  if (own.model === undefined) throw new Error('--model FOLDER: a trained model that reads a title');
  const whole = (name: string, otherwise: number) => {
    const value = Number(own[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} ${own[name]}: a whole number`);
    return value;
  };
  const folder = mkdtempSync(join(tmpdir(), 'attune-chaos-'));
  const servers = await startServers(
    folder,
    own.nats ?? 'nats-server',
    own.postgres ?? '/usr/lib/postgresql/15/bin',
  );
  const cli = own.attune ?? fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const team = crew({ cli, model: own.model, servers, folder });
  try {
    const figures: Figure[] = [];
    const calm = whole('calm', 20_000);
    if (calm > 0) figures.push(...(await throughput(team, servers, calm, say)));
    figures.push(
      ...(await underFire(team, servers, say, {
        products: whole('products', 100_000),
        workers: whole('workers', 4),
        seconds: whole('seconds', 10),
        seed: whole('seed', 1),
      })),
    );
    return figures;
  } finally {
    team.end();
    servers.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Servers = Awaited<ReturnType<typeof startServers>>;
type Crew = ReturnType<typeof crew>;

async function throughput(
  team: Crew,
  servers: Servers,
  products: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const rates: number[] = [];
  for (const workers of [1, 2]) {
    const stream = `calm${workers}`;
    await team.send(stream, products, `${stream}-`);
    const hired = Array.from({ length: workers }, () => team.hire(stream));
    const begun = await reached(servers, stream, 1);
    const first = performance.now();
    const done = await reached(servers, stream, products);
    rates.push((done - begun) / ((performance.now() - first) / 1000));
    say(`${workers} workers of one thread: ${rates.at(-1)!.toFixed(0)} products/s`);
    for (const worker of hired) await team.dismiss(worker);
  }
  return [
    { name: '1 worker, 1 thread', value: rates[0]!, unit: 'products/s' },
    { name: '2 workers, 1 thread each', value: rates[1]!, unit: 'products/s', ratio: rates[1]! / rates[0]! },
  ];
}

async function underFire(
  team: Crew,
  servers: Servers,
  say: (text: string) => void,
  { products, workers, seconds, seed }: { products: number; workers: number; seconds: number; seed: number },
): Promise<Figure[]> {
  const random = new Random(seed, 0xc4a05);
  await team.send('chaos', products, 'chaos-');
  const began = performance.now();
  const hired = Array.from({ length: workers }, () => team.hire('chaos'));
  const kills = { worker: 0, nats: 0, postgres: 0, connections: 0 };
  const kinds = ['worker', 'worker', 'nats', 'postgres', 'connections'] as const;
  while ((await servers.count('chaos')) < products) {
    await pause(random.below(2000 * seconds));
    const kind = kinds[random.below(kinds.length)]!;
    kills[kind]++;
    if (kind === 'worker') {
      const at = random.below(hired.length);
      hired[at]!.kill('SIGKILL');
      hired[at] = team.hire('chaos');
    } else await servers.kill(kind);
    say(`killed: ${kind}; ${await servers.count('chaos')} of ${products} products predicted`);
  }
  await team.finish('chaos');
  const took = (performance.now() - began) / 1000;
  const { found, lost, doubled, replaced } = await servers.judge('chaos', products);
  say(
    `killed ${JSON.stringify(kills)}; ${found} products, ${lost} lost, ${doubled} double, ${replaced} replaced`,
  );
  if (lost + doubled + replaced > 0) throw new Error('Products were lost or double.');
  return [
    {
      name: `${products} products, ${workers} workers, under fire`,
      value: products / took,
      unit: 'products/s',
    },
    { name: 'kills', value: Object.values(kills).reduce((a, b) => a + b, 0), unit: 'kills' },
    { name: 'lost or double', value: lost + doubled + replaced, unit: 'products' },
  ];
}

/** Waits until so many products of a stream are predicted. @returns how many are */
async function reached(servers: Servers, stream: string, products: number): Promise<number> {
  for (;;) {
    const count = await servers.count(stream);
    if (count >= products) return count;
    await pause(200);
  }
}

function crew({
  cli,
  model,
  servers,
  folder,
}: {
  cli: string;
  model: string;
  servers: Servers;
  folder: string;
}) {
  const hired = new Set<ChildProcess>();
  const addresses = (stream: string) => ['--model', model, '--nats', servers.nats, '--stream', stream];
  const store = ['--store', servers.postgres];
  const node = (args: readonly string[]) => {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'ignore'] });
    hired.add(child);
    return child;
  };
  const ended = async (child: ChildProcess) => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.exitCode !== 0) throw new Error(`A command ended with ${child.exitCode ?? child.signalCode}.`);
  };
  const threads = ['--threads', '1', '--ack-wait', '10'];
  return {
    hire: (stream: string) => node(['worker', ...addresses(stream), ...store, ...threads]),
    dismiss: async (worker: ChildProcess) => {
      worker.kill('SIGTERM');
      await ended(worker);
    },
    finish: (stream: string) => ended(node(['worker', ...addresses(stream), ...store, ...threads, '--once'])),
    async send(stream: string, products: number, prefix: string) {
      const path = join(folder, `${stream}.csv`);
      const random = new Random(products, 0xf11e);
      const file = createWriteStream(path);
      const fields = columnsOf(model);
      file.write(`${fields.join(',')}\n`);
      for (let i = 0; i < products; i++) {
        const text = () => Array.from({ length: 6 }, () => WORDS[random.below(WORDS.length)]).join(' ');
        const row = fields.map((_, at) => (at === 0 ? `${prefix}${i}` : text()));
        if (!file.write(`${row.join(',')}\n`)) await once(file, 'drain');
      }
      file.end();
      await once(file, 'finish');
      await ended(node(['worker', path, '--send', ...addresses(stream)]));
    },
    end() {
      for (const child of hired) child.kill('SIGKILL');
    },
  };
}

/** The id column, then the text columns, as the model's own config has them. */
function columnsOf(model: string): readonly string[] {
  const { config } = JSON.parse(readFileSync(join(model, 'attune.json'), 'utf8')) as {
    config: { data: { id: string }; inputs: Record<string, { column?: string }> };
  };
  return [config.data.id, ...Object.entries(config.inputs).map(([name, { column }]) => column ?? name)];
}

async function startServers(folder: string, natsProgram: string, postgresPrograms: string) {
  const [natsPort, postgresPort] = [await sparePort(), await sparePort()];
  const root = process.getuid?.() === 0;
  const uid = root ? { uid: Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })) } : {};
  // Its own folder: it may have to belong to another user.
  const data = mkdtempSync(join(tmpdir(), 'attune-chaos-pg-'));
  mkdirSync(join(folder, 'nats'));
  if (root) execFileSync('chown', ['postgres', data]);
  const own = { ...uid, cwd: data, stdio: 'ignore' } as const;
  execFileSync(
    join(postgresPrograms, 'initdb'),
    ['-D', join(data, 'db'), '-U', 'attune', '-A', 'trust', '--no-locale', '-E', 'UTF8'],
    own,
  );
  const launch = {
    nats: () =>
      spawn(natsProgram, ['-a', '127.0.0.1', '-p', String(natsPort), '-js', '-sd', join(folder, 'nats')], {
        stdio: 'ignore',
      }),
    postgres: () =>
      spawn(
        join(postgresPrograms, 'postgres'),
        ['-D', join(data, 'db'), '-p', String(postgresPort), '-k', data, '-c', 'listen_addresses=127.0.0.1'],
        own,
      ),
  };
  const running = { nats: launch.nats(), postgres: launch.postgres() };
  const postgres = `postgres://attune@127.0.0.1:${postgresPort}/postgres`;

  /** Again until the database answers; one that was killed is started again until it stays. */
  async function query<T>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    for (;;) {
      const client = new pg.Client({ connectionString: postgres });
      client.on('error', () => {});
      try {
        await client.connect();
        return (await client.query(text, [...values])).rows as T[];
      } catch (error) {
        if ((error as { code?: string }).code === '42P01' || (error as { code?: string }).code === '3F000')
          return [];
        if (running.postgres.exitCode !== null || running.postgres.signalCode !== null)
          running.postgres = launch.postgres();
        await pause(300);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }
  await query('SELECT 1');
  return {
    nats: `nats://127.0.0.1:${natsPort}`,
    postgres,
    async count(stream: string) {
      const [row] = await query<{ n: number }>(
        'SELECT count(DISTINCT product_id)::integer AS n FROM attune.predictions WHERE starts_with(product_id, $1)',
        [`${stream}-`],
      );
      return row?.n ?? 0;
    },
    async kill(kind: 'nats' | 'postgres' | 'connections') {
      if (kind === 'connections') {
        await query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'attune'",
        );
        return;
      }
      const gone = once(running[kind], 'exit');
      running[kind].kill('SIGKILL');
      await gone;
      await pause(500);
      running[kind] = launch[kind]();
    },
    async judge(stream: string, products: number) {
      const [row] = await query<{ found: number; whole: number; doubled: number; replaced: number }>(
        `WITH own AS (SELECT product_id, attribute FROM attune.predictions WHERE starts_with(product_id, $1)),
          each AS (SELECT product_id, count(*) AS n, count(DISTINCT attribute) AS attributes FROM own GROUP BY product_id)
        SELECT count(*)::integer AS found,
          (count(*) FILTER (WHERE n = (SELECT max(n) FROM each)))::integer AS whole,
          (count(*) FILTER (WHERE n <> attributes))::integer AS doubled,
          (SELECT count(*)::integer FROM attune.prediction_history WHERE starts_with(product_id, $1)) AS replaced
        FROM each`,
        [`${stream}-`],
      );
      return {
        found: row!.found,
        lost: products - row!.whole,
        doubled: row!.doubled,
        replaced: row!.replaced,
      };
    },
    end() {
      running.nats.kill('SIGKILL');
      running.postgres.kill('SIGQUIT');
      rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

async function sparePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
