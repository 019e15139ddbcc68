/** What a check looks back at: its own version of the model, in the file and in the store, however much was raised of others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastAlerts } from '../../src/attune/watch-alerts.ts';
import { historyFile } from '../../src/monitoring/alerts/history-file.ts';
import { historyStore } from '../../src/monitoring/alerts/history-store.ts';
import { DEFAULT_RULES, judgeChecks } from '../../src/monitoring/alerts/judge.ts';
import { openStore, type Store } from '../../src/store/store.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-history-'));
  store = await openStore({ folder: join(folder, 'store') });
}, 600_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const model = (version: string) => ({ name: 'shop', version });
const drift = (time: number) => ({ time, signals: { 'drift/title': 1 } });
const histories = {
  'a file': (version: string) => {
    const file = historyFile(join(folder, 'watch.jsonl'), model(version));
    return { ...file, add: (...[check, raised]: Parameters<typeof file.add>) => file.add(check, raised) };
  },
  'the store': (version: string) => {
    const kept = historyStore(store, model(version));
    return {
      ...kept,
      add: (...[check, raised]: [Parameters<typeof kept.add>[0], Parameters<typeof kept.add>[1]]) =>
        kept.add(check, raised, {}),
    };
  },
};

for (const [name, historyOf] of Object.entries(histories))
  describe(`the history in ${name}`, () => {
    it('is that of one version: another one begins anew', async () => {
      const before = historyOf('1');
      const raised = judgeChecks(DEFAULT_RULES, [drift(1000)], []).map((alert) => ({
        ...alert,
        delivered: true,
      }));
      await before.add(drift(1000), raised);
      // So many that nobody looks through them.
      const others = Array.from({ length: 1100 }, (_, i) => ({
        ...raised[0]!,
        signal: `drift/${i}`,
        time: 1001,
      }));
      await historyOf('elsewhere').add(drift(1001), others);
      const judged = async (version: string, time: number) => {
        const history = historyOf(version);
        const earlier = await history.alerts(time - 86_400);
        return judgeChecks(DEFAULT_RULES, [...(await history.checks(10)), drift(time)], earlier).length;
      };
      expect(await judged('1', 2000), 'it was said a moment before').toBe(0);
      expect(await judged('1', 1000 + 86_400)).toBe(1);
      expect(await judged('2', 2000), 'the next version has said nothing').toBe(1);
      expect([(await before.checks(10)).length, (await historyOf('2').checks(10)).length]).toEqual([1, 0]);
      const rules = DEFAULT_RULES.map((rule) => ({ ...rule, window: { needed: 2, checks: 2 }, coolDown: 0 }));
      const checks = async (version: string) => [...(await historyOf(version).checks(10)), drift(3000)];
      expect(judgeChecks(rules, await checks('1'), []), 'twice').toHaveLength(1);
      expect(judgeChecks(rules, await checks('2'), []), 'once by this version').toEqual([]);
    }, 600_000);
  });

it('a reason to train is what the last check of the version says, wherever it is kept', async () => {
  const file = join(folder, 'reasons.jsonl');
  await historyFile(file, model('9')).add({ time: 1, signals: { 'drift/color': 1 } }, []);
  const kept = historyStore(store, model('9'));
  await kept.add(drift(1), [], {});
  await kept.add({ time: 2, signals: { 'drift/title': 1, 'drift/weight': 0 } }, [], {});
  const signals = async (...given: Parameters<typeof lastAlerts>) =>
    (await lastAlerts(...given)).map((sentence) => /of (\w+)/.exec(sentence)![1]);
  expect(await signals(file, store, model('9'))).toEqual(['color', 'title']);
  expect(await signals(undefined, store, model('9'))).toEqual(['title']);
  expect(await signals(file, store, model('10'))).toEqual([]);
}, 600_000);
