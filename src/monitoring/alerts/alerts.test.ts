import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver, webhookChannel } from './channels.ts';
import { historyFile } from './history-file.ts';
import { DEFAULT_RULES, judgeChecks } from './judge.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-alerts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (time: number) => ({ time, signals: { 'drift/color': 1 } });

describe('an alert', () => {
  it('that could not be delivered is raised again; one that was cools down', async () => {
    let status = 500;
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const channel = webhookChannel(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    const history = historyFile(join(folder, 'watch.jsonl'), { name: 'm', version: '1' });
    const run = async (time: number) => {
      const earlier = await history.alerts(time - 86_400);
      const alerts = judgeChecks(DEFAULT_RULES, [...(await history.checks(10)), check(time)], earlier);
      const { raised, undelivered } = await deliver(alerts, [channel]);
      await history.add(check(time), raised);
      return [raised.map(({ delivered }) => delivered), undelivered.length];
    };
    try {
      expect(await run(1000)).toEqual([[false], 1]);
      status = 204;
      expect(await run(2000)).toEqual([[true], 0]);
      expect(await run(3000)).toEqual([[], 0]);
      expect(await run(2000 + 86_400)).toEqual([[true], 0]);
    } finally {
      server.close();
    }
  }, 30_000);

  it('that goes nowhere but to who looks is delivered', async () => {
    const alerts = judgeChecks(DEFAULT_RULES, [check(1)], []);
    expect(await deliver(alerts, [])).toMatchObject({ raised: [{ delivered: true }], undelivered: [] });
  });
});
