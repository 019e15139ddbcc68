/** A NATS of a test's own, on a spare port, which it may kill and start again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';

export type OwnNats = {
  readonly url: string;
  start(): Promise<void>;
  /** As a power cut would: no goodbye. */
  kill(): Promise<void>;
};

const MOST_TRIES = 300;
const NATS_BIN = process.env.ATTUNE_TEST_NATS_BIN ?? '/usr/sbin/nats-server';

/** Why there is none here; undefined where there is. */
export const noNats = existsSync(NATS_BIN)
  ? undefined
  : `there is no ${NATS_BIN}; ATTUNE_TEST_NATS_BIN names another`;

/** @param maxPayload - bytes of a message; 1 MB when left out */
export async function ownNats(folder: string, maxPayload = 1024 * 1024): Promise<OwnNats> {
  const port = await sparePort();
  const config = `${folder}.conf`;
  writeFileSync(config, `max_payload: ${maxPayload}\n`);
  const launch = () =>
    spawn(NATS_BIN, ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], {
      stdio: 'ignore',
    });
  let child: ChildProcess | undefined;
  return {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      child = launch();
      for (let tries = 1; ; tries++) {
        try {
          const connection = await connect({ servers: `127.0.0.1:${port}`, timeout: 1000 });
          return await connection.close();
        } catch (error) {
          if (tries === MOST_TRIES) throw error;
          await pause(100);
          // The port of the one before may not be free yet.
          if (child.exitCode !== null) child = launch();
        }
      }
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child!.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
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
