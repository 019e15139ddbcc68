/** Services as child processes: each is told a port, and is ready when it answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MemoryNow } from './memory-probe.ts';

const MAIN = resolve('dist/cli/main.js');
const PROBE = ['--expose-gc', '--import', new URL('./memory-probe.js', import.meta.url).href];
const READY_SECONDS = 120;

export type Service = {
  readonly name: string;
  readonly url: string;
  /** The path that is asked. */
  readonly path: string;
  /** The body that asks for a title. */
  readonly body: (title: string) => string;
  readonly process: ChildProcess;
  /** What it holds after a collection, where it was started with the probe. */
  memory(): Promise<MemoryNow>;
  stop(): Promise<void>;
};

/** @param models - bundles by name; the first is the default @throws Error where `npm run build` was not run */
export async function startOurs(
  models: Readonly<Record<string, string>>,
  more: readonly string[] = [],
  { name = 'attune', probed = false }: { readonly name?: string; readonly probed?: boolean } = {},
): Promise<Service> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`npm run build\` first.`);
  const named = Object.entries(models).flatMap(([name, folder]) => ['--model', `${name}=${folder}`]);
  const port = await freePort();
  const args = [
    ...(probed ? PROBE : []),
    MAIN,
    'serve',
    '--port',
    String(port),
    '--log-level',
    'error',
    ...named,
    ...more,
  ];
  const names = Object.keys(models);
  let next = 0;
  return started(name, process.execPath, args, port, {
    path: '/v1/products:predict',
    ready: '/v2/health/ready',
    body: (title) => JSON.stringify({ model: names[next++ % names.length], products: [{ title }] }),
  });
}

/** @param args - of the peer; the port is added at the end */
export async function startPeer(name: string, command: string, args: readonly string[]): Promise<Service> {
  const port = await freePort();
  return started(name, command, [...args, String(port)], port, {
    path: '/predict',
    ready: '/health',
    body: (title) => JSON.stringify({ title }),
  });
}

async function started(
  name: string,
  command: string,
  args: readonly string[],
  port: number,
  { ready, ...call }: Pick<Service, 'path' | 'body'> & { readonly ready: string },
): Promise<Service> {
  const probed = args.includes(PROBE[0]!);
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', ...(probed ? (['ipc'] as const) : [])],
  });
  let complaints = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited++) {
    if (child.exitCode !== null || waited > READY_SECONDS) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start.\n${complaints}`);
    }
    const answer = await fetch(url + ready).catch(() => undefined);
    if (answer?.ok) break;
    await delay(1000);
  }
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    name,
    url,
    ...call,
    process: child,
    memory: async () => {
      const answer = once(child, 'message');
      child.send('now');
      return (await answer)[0] as MemoryNow;
    },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
