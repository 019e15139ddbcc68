/** What a service with a store remembers over a restart of which version answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelRepository } from '../../src/serving/models/opened-version.ts';
import { serviceLogger } from '../../src/serving/observe/logger.ts';
import type { ServerOptions } from '../../src/serving/options.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type Json, post, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-roles-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

/** A shop whose folder of models has these versions, the newest first. */
function shop(versions: readonly string[]) {
  const name = `model${++count}`;
  const there = new Set(versions);
  const version = (one: string) => versionOf({ ...keywordPredictor(), name }, { version: one });
  const repository: ModelRepository = {
    list: async () => [...there].map((one) => ({ name, version: one })),
    async open(_, one = versions[0]!) {
      return there.has(one) ? version(one) : undefined;
    },
  };
  const lines: string[] = [];
  return {
    there,
    lines,
    /** With the newest version, as `--models` does. */
    async start(options: Partial<ServerOptions> = {}) {
      const logger = serviceLogger('info', {
        write: (line: string) => void lines.push(JSON.parse(line).msg),
      });
      const server = await serve({ models: [version(versions[0]!)], repository, store, logger, ...options });
      const call = (verb: string, body: unknown = {}) =>
        post(`${server.url}/v1/models/${name}/${verb}`, body);
      return {
        ...server,
        call,
        share: (body: unknown) =>
          fetch(`${server.url}/v1/models/${name}/traffic`, {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        async roles() {
          const model: Json = await (await fetch(`${server.url}/v1/models/${name}`)).json();
          const said = model.versions.map((one: Json) => [
            one.version,
            one.role,
            ...(one.share ? [one.share] : []),
          ]);
          return { previous: model.previous, versions: said.sort() };
        },
      };
    },
    name,
  };
}

describe('over a restart', () => {
  it('the newest version answers until somebody has decided, and what was decided after that', async () => {
    const { start, lines } = shop(['3', '2', '1']);
    const first = await start();
    expect(await first.roles()).toEqual({ previous: null, versions: [['3', 'live']] });
    await first.close();
    const second = await start();
    await second.call('load', { version: '2' });
    await second.call('promote', { version: '2' });
    await second.call('load', { version: '1' });
    await second.share({ canary: { version: '1', share: 0.25 }, shadow: { version: '3', share: 0.5 } });
    const decided = await second.roles();
    await second.close();
    const third = await start();
    expect(await third.roles()).toEqual(decided);
    expect(decided).toEqual({
      previous: '3',
      versions: [
        ['1', 'canary', 0.25],
        ['2', 'live'],
        ['3', 'shadow', 0.5],
      ],
    });
    await third.call('rollback');
    await third.close();
    const fourth = await start();
    expect(await fourth.roles()).toEqual({ previous: null, versions: [['3', 'live']] });
    expect(lines).toContainEqual(expect.stringMatching(/^version "2" of "model\d+" answers, as before$/));
  });

  it('a version that is named when the service starts answers, whatever was decided', async () => {
    const { start, lines, name } = shop(['2', '1']);
    const first = await start();
    await first.call('load', { version: '1' });
    await first.call('promote', { version: '1' });
    await first.close();
    const second = await start({ named: [name] });
    expect((await second.roles()).versions).toEqual([['2', 'live']]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^version "2" of "model\d+" was named and answers, not "1", which did$/),
    );
  });

  it('a version that has gone leaves its place to the newest, and the log says so', async () => {
    const { start, there, lines } = shop(['2', '1']);
    const first = await start();
    await first.call('load', { version: '1' });
    await first.call('promote', { version: '1' });
    await first.close();
    there.delete('1');
    const second = await start();
    expect((await second.roles()).versions).toEqual([['2', 'live']]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^version "1" of "model\d+", which was live, is not there: /),
    );
    const { failed } = (await (await fetch(`${second.url}/v1/models`)).json()) as Json;
    expect(failed).toMatchObject([{ version: '1', problem: expect.stringContaining('"1"') }]);
  });

  it('a decision that the store cannot keep holds all the same, and the log says so', async () => {
    const models = { ...store.models, assign: () => Promise.reject(new Error('away')) };
    const { start, lines } = shop(['2', '1']);
    const server = await start({ store: { ...store, models } });
    await server.call('load', { version: '1' });
    expect((await server.call('promote', { version: '1' })).json.version).toBe('1');
    expect(lines).toContainEqual(expect.stringMatching(/will be forgotten at the next start$/));
  });
});
