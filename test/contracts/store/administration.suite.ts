import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';

export function modelsSuite(bench: Bench): void {
  const named = () => `model-${randomUUID()}`;
  const version = (name: string, v: string) => ({
    name,
    version: v,
    folder: `/m/${v}`,
    checksum: `sum ${v}`,
  });

  describe('models', () => {
    it('are registered once, and not with another content under the same version', async () => {
      const { models } = bench.store;
      const name = named();
      await models.register({ ...version(name, '1'), figures: { f1: 0.9 } });
      await models.register({ ...version(name, '1'), folder: '/moved' });
      expect(await models.list(name)).toMatchObject([{ version: '1', folder: '/moved', state: 'loaded' }]);
      await expect(models.register({ ...version(name, '1'), checksum: 'other' })).rejects.toMatchObject({
        code: 'store/conflict',
      });
    });

    it('have one champion, which is promoted and rolled back', async () => {
      const { models } = bench.store;
      const name = named();
      for (const v of ['1', '2', '3']) await models.register(version(name, v));
      expect(await models.champion(name)).toBeUndefined();
      await expect(models.rollBack(name)).rejects.toMatchObject({ code: 'store/not-found' });
      for (const v of ['1', '2', '3']) {
        await models.promote(name, v);
        bench.pass(1);
      }
      expect(await models.champion(name)).toMatchObject({ version: '3' });
      expect(await models.rollBack(name)).toMatchObject({ version: '2', state: 'champion' });
      expect(await models.rollBack(name)).toMatchObject({ version: '1' });
      expect((await models.list(name)).filter(({ state }) => state === 'champion')).toHaveLength(1);
      await expect(models.promote(name, 'none')).rejects.toMatchObject({ code: 'store/not-found' });
      expect(await models.champion(name), 'a failed promotion changes nothing').toMatchObject({
        version: '1',
      });
    });

    it('promoted by many at once have one champion', async () => {
      const { models } = bench.store;
      const name = named();
      const versions = ['1', '2', '3', '4'];
      for (const v of versions) await models.register(version(name, v));
      await Promise.all(versions.map((v) => models.promote(name, v)));
      expect((await models.list(name)).filter(({ state }) => state === 'champion')).toHaveLength(1);
    });

    it('stand beside the champion as canary or shadow, which the champion itself cannot become', async () => {
      const { models } = bench.store;
      const name = named();
      await models.register(version(name, '1'));
      await models.register(version(name, '2'));
      await models.promote(name, '1');
      expect(await models.setState(name, '2', 'canary', 0.1)).toMatchObject({ state: 'canary', share: 0.1 });
      expect(await models.setState(name, '2', 'shadow', 0.1)).toMatchObject({ state: 'shadow', share: 0 });
      await expect(models.setState(name, '1', 'retired')).rejects.toMatchObject({ code: 'store/conflict' });
      await expect(models.setState(name, '3', 'retired')).rejects.toMatchObject({ code: 'store/not-found' });
      await expect(models.setState(name, '2', 'canary', 2)).rejects.toMatchObject({
        code: 'store/bad-value',
      });
      expect(await models.get(name, '2')).toMatchObject({ state: 'shadow' });
    });
  });
}

export function rolesSuite(bench: Bench): void {
  const content = (version: string) => ({ version, folder: `/m/${version}`, checksum: `sum ${version}` });

  describe('roles of the versions of a model', () => {
    it('are written down as they are now, whatever they were', async () => {
      const { models } = bench.store;
      const name = randomUUID();
      const roles = async () =>
        (await models.list(name))
          .map(({ version, state, share, demoted }) => [version, state, share, demoted !== null])
          .sort();
      await models.assign(name, { champion: content('1'), canary: { ...content('2'), share: 0.1 } });
      const { promoted } = (await models.champion(name))!;
      bench.pass(1);
      await models.assign(name, { champion: content('1'), shadow: { ...content('2'), share: 0.5 } });
      expect((await models.champion(name))!.promoted, 'it stays what it was').toEqual(promoted);
      expect(await roles()).toEqual([
        ['1', 'champion', 0, false],
        ['2', 'shadow', 0.5, false],
      ]);
      await models.assign(name, { champion: content('2') });
      expect(await roles()).toEqual([
        ['1', 'loaded', 0, true],
        ['2', 'champion', 0, false],
      ]);
      await models.assign(name, { champion: { ...content('1'), checksum: 'made anew' } }, true);
      expect(await roles()).toEqual([
        ['1', 'champion', 0, false],
        ['2', 'loaded', 0, false],
      ]);
      expect(await models.get(name, '1')).toMatchObject({ checksum: 'made anew' });
      await expect(
        models.assign(name, { champion: content('1'), canary: { ...content('2'), share: 2 } }),
      ).rejects.toMatchObject({ code: 'store/bad-value' });
    });
  });
}

export function keysSuite(bench: Bench): void {
  describe('keys', () => {
    it('open what their role says, until they are revoked', async () => {
      const { keys } = bench.store;
      const before = await keys.active();
      const { key, stored } = await keys.create({ name: 'shop', role: 'review', createdBy: 'ann' });
      expect(await keys.verify(key)).toMatchObject({ id: stored.id, name: 'shop', role: 'review' });
      expect(await keys.active()).toBe(before + 1);
      await keys.revoke(stored.id);
      expect(await keys.verify(key)).toBeUndefined();
      expect(await keys.active()).toBe(before);
      await expect(keys.revoke(stored.id)).rejects.toMatchObject({ code: 'store/not-found' });
    });

    it('are not kept: neither the list nor the record has the secret or its hash', async () => {
      const { keys } = bench.store;
      const { key, stored } = await keys.create({ name: 'shop', role: 'admin', createdBy: 'ann' });
      const secret = key.split('_').at(-1)!;
      expect(JSON.stringify([stored, await keys.list(), await keys.verify(key)])).not.toMatch(
        new RegExp(`${secret}|hash`),
      );
    });

    it('that are none, or nearly one, open nothing', async () => {
      const { keys } = bench.store;
      const { key } = await keys.create({ name: 'shop', role: 'admin', createdBy: 'ann' });
      const other = await keys.create({ name: 'other', role: 'admin', createdBy: 'ann' });
      const swapped = `${key.slice(0, 20)}${other.key.slice(20)}`;
      for (const none of ['', 'attune_', key.slice(0, -1), `${key}x`, key.toUpperCase(), swapped])
        expect(await keys.verify(none), none).toBeUndefined();
      expect(await keys.verify(key)).toBeDefined();
    });

    it('note when they were used, once a minute', async () => {
      const { keys } = bench.store;
      const { key, stored } = await keys.create({ name: 'shop', role: 'predict', createdBy: 'ann' });
      const used = async () => (await keys.list()).find(({ id }) => id === stored.id)!.lastUsed;
      expect(await used()).toBeNull();
      await keys.verify(key);
      const first = await used();
      expect(first).not.toBeNull();
      bench.pass(30);
      await keys.verify(key);
      expect(await used()).toEqual(first);
      bench.pass(31);
      await keys.verify(key);
      expect((await used())!.getTime() - first!.getTime()).toBe(61_000);
    });
  });
}

export function alertsSuite(bench: Bench): void {
  describe('alerts', () => {
    it('are listed latest first, found by monitor, and change their state', async () => {
      const { alerts } = bench.store;
      const monitor = `drift/${randomUUID()}`;
      expect(await alerts.last(monitor)).toBeUndefined();
      const first = await alerts.add({ monitor, severity: 'warning', title: 'One', details: { psi: 0.3 } });
      const second = await alerts.add({ monitor, severity: 'critical', title: 'Two' });
      expect(first).toMatchObject({ state: 'open', details: { psi: 0.3 }, who: null });
      expect(await alerts.last(monitor)).toEqual(second);
      expect(await alerts.setState(first.id, 'acknowledged', 'ann')).toMatchObject({ who: 'ann' });
      const ids = (await alerts.list()).map(({ id }) => id);
      expect(ids.indexOf(second.id)).toBeLessThan(ids.indexOf(first.id));
      const open = await alerts.list({ states: ['open'] });
      expect(open.map(({ id }) => id)).not.toContain(first.id);
      expect((await alerts.list({ before: second.id, limit: 1 })).map(({ id }) => id)).toEqual([first.id]);
      const heard = async (version: string, of: object) =>
        alerts.add({
          monitor,
          severity: 'info',
          title: 't',
          at: bench.now(),
          details: { model: monitor, version, ...of },
        });
      const told = await heard('1', { rule: 'a', delivered: true });
      bench.pass(60);
      await heard('1', { rule: 'a', delivered: false });
      const other = await heard('1', { rule: 'b', delivered: true });
      await heard('2', { rule: 'a', delivered: true });
      const since = (time: Date) => alerts.heard({ model: monitor, version: '1', since: time });
      expect(await since(told.at)).toEqual([told, other]);
      expect(await since(other.at)).toEqual([other]);
      await expect(alerts.setState(-1, 'closed', 'ann')).rejects.toMatchObject({ code: 'store/not-found' });
    });
  });
}

export function monitorReportsSuite(bench: Bench): void {
  describe('reports of the monitoring', () => {
    it('are listed latest first, of one model or all, a page at a time', async () => {
      const { monitorReports } = bench.store;
      const model = `model-${randomUUID()}`;
      const at = new Date('2026-02-01T00:00:00Z');
      const report = { notes: ['a'] };
      const first = await monitorReports.add({ model, version: '1', signals: { 'drift/a': 1 }, report, at });
      expect(first).toMatchObject({ at, signals: { 'drift/a': 1 }, report });
      const second = await monitorReports.add({ model, version: '2', signals: {}, report: {} });
      expect(second.at).toEqual(bench.now());
      const other = await monitorReports.add({ model: 'another', version: '1', signals: {}, report: {} });
      expect(await monitorReports.list({ model })).toEqual([second, first]);
      expect((await monitorReports.list({ limit: 2 })).map(({ id }) => id)).toEqual([other.id, second.id]);
      expect(await monitorReports.list({ model, before: second.id })).toEqual([first]);
      expect(await monitorReports.list({ model, version: '1' })).toEqual([first]);
      bench.pass(1);
    });
  });
}
