/** A Redis that a test starts for itself, on a port of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const BINARY = 'redis-server';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const redis = {
  missing: spawnSync(BINARY, ['--version']).error !== undefined,
  async start() {
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(BINARY, args, { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return {
      url: `redis://127.0.0.1:${port}`,
      stop: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  },
};
