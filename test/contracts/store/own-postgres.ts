/** A PostgreSQL of the test's own, on a port of its own, that may be stopped and killed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type OwnPostgres = {
  readonly url: string;
  start(): void;
  /** Breaks off what is under way; `kill` leaves no time to write anything down. */
  stop(how: 'fast' | 'kill'): void;
  /** `kill -9` of all its processes. */
  murder(): void;
  remove(): void;
};

const DEBIAN = '/usr/lib/postgresql';

/** Where the programs are; undefined where PostgreSQL is not installed. */
export function postgresPrograms(): string | undefined {
  const told = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim();
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((name) => join(DEBIAN, name, 'bin')) : [];
  return [told ?? '', ...versions].find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));
}

export async function ownPostgres(): Promise<OwnPostgres> {
  const programs = postgresPrograms()!;
  const folder = mkdtempSync(join(tmpdir(), 'attune-postgres-'));
  const user = notRoot();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const run = (program: string, ...args: string[]) =>
    execFileSync(join(programs, program), args, {
      ...user,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run('initdb', '-D', data, '-U', 'attune', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C');
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c max_connections=20`;
  const control = (...args: string[]) => run('pg_ctl', '-D', data, '-w', '-t', '300', ...args);
  return {
    url: `postgres://attune@127.0.0.1:${port}/postgres`,
    start: () => void control('-l', join(folder, 'log'), '-o', options, 'start'),
    stop: (how) => void control('-m', how === 'kill' ? 'immediate' : 'fast', 'stop'),
    murder() {
      const file = join(data, 'postmaster.pid');
      const [pid] = readFileSync(file, 'utf8').split('\n');
      const children = execFileSync('ps', ['-o', 'pid=', '--ppid', pid!], { encoding: 'utf8' });
      for (const one of [pid!, ...children.trim().split(/\s+/)]) process.kill(Number(one), 'SIGKILL');
      // Where nobody buries it, PostgreSQL takes its own dead process for a living one.
      rmSync(file);
      rmSync(join(folder, `.s.PGSQL.${port}.lock`), { force: true });
    },
    remove() {
      spawnSync(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], {
        ...user,
        cwd: folder,
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL does not run as root: then as the user that its package made. */
function notRoot(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (which: string) => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
