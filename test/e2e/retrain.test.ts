/** A season, replayed: its colours arrive, the model does not know them, people review 200 products, the model recovers. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/attune/load-config.ts';
import { resolveSources } from '../../src/attune/model-sources.ts';
import { retrain } from '../../src/attune/retrain.ts';
import { train } from '../../src/attune/train.ts';
import { attune, workspace } from './attune.ts';
import { csv, openShop, type ShopProduct, shop } from './shop.ts';

const { folder } = workspace('retrain');
const at = (name: string) => join(folder(), name);
const SEASON = ['Peach', 'Sand', 'Lilac'];

/** Products of the new season, whose colours are not labelled yet; one in three still has an old colour. */
const season: readonly ShopProduct[] = shop(300, 8).map((product, i) => {
  const [old, ...rest] = product.title.split(' ');
  const color = i % 3 === 0 ? old! : SEASON[(i % 7) % 3]!;
  return { ...product, sku: `n${i}`, title: [color, ...rest].join(' '), color };
});

const reviewsOf = (products: readonly ShopProduct[], said: (product: ShopProduct, i: number) => string) =>
  csv(
    products.map((product, i) => ({
      product: product.sku,
      attribute: 'color',
      value: said(product, i),
      reviewer: i % 2 === 0 ? 'ann' : 'bob',
    })),
  );

const fingerprint = (model: string) =>
  (JSON.parse(readFileSync(join(at(model), 'attune.json'), 'utf8')) as { fingerprint: string }).fingerprint;

beforeAll(async () => {
  openShop(folder(), 400, {
    attributes: '{color: choice}',
    training: '{epochs: 3, threads: 1, batchSize: 16}',
  });
  writeFileSync(at('season.csv'), csv(season.map((product) => ({ ...product, color: '' }))));
  const { config } = await loadConfig({ files: [], configFile: at('attune.yaml'), settings: [] });
  await train({ config, out: at('model') });
}, 600_000);

describe('attune retrain', () => {
  it('does nothing where nothing speaks for it', async () => {
    writeFileSync(
      at('few.csv'),
      reviewsOf(season.slice(0, 20), ({ color }) => color),
    );
    const before = fingerprint('model');
    const kept = await retrain({ model: at('model'), files: [at('season.csv')], reviews: [at('few.csv')] });
    expect(kept).toMatchObject({ outcome: 'kept', newReviews: 20 });
    expect(kept.why.join()).toMatch(/20 new reviews, and no alert/);
    expect(fingerprint('model')).toBe(before);
    const ran = await attune(folder(), 'retrain', '--model', 'model', '--roll-back');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/no earlier model/);
  }, 240_000);

  it('learns what people said of 200 products, and is put in place because it is better', async () => {
    writeFileSync(
      at('reviews.csv'),
      reviewsOf(season.slice(0, 200), ({ color }) => color),
    );
    const before = fingerprint('model');
    const result = await retrain({
      model: at('model'),
      files: [at('season.csv')],
      reviews: [at('reviews.csv')],
    });
    expect(result.why).toEqual(['200 new reviews.']);
    const reviewed = result.verdict!.sets.find(({ name }) => name === 'reviews')!;
    expect(reviewed.rows).toBeGreaterThan(50);
    expect(reviewed.champion).toBeLessThan(0.6);
    expect(reviewed.challenger).toBeGreaterThan(0.9);
    const test = result.verdict!.sets.find(({ name }) => name === 'test')!;
    expect(test.challenger).toBeGreaterThanOrEqual(test.champion - 0.01);
    expect(result.outcome).toBe('promoted');
    expect(fingerprint('model')).not.toBe(before);
    expect(fingerprint('model.previous')).toBe(before);
    expect(existsSync(at('model.challenger'))).toBe(false);
    const again = await retrain({
      model: at('model'),
      files: [at('season.csv')],
      reviews: [at('reviews.csv')],
    });
    expect(again).toMatchObject({ outcome: 'kept', newReviews: 0 });
  }, 600_000);

  it('keeps the old model where the new one is not better, and says why', async () => {
    cpSync(at('model.previous'), at('other'), { recursive: true });
    // What people say of old colours is what the model says of them already.
    const old = season.filter(({ color }) => !SEASON.includes(color));
    writeFileSync(
      at('old.csv'),
      reviewsOf(old, ({ color }) => color),
    );
    const before = fingerprint('other');
    const result = await retrain({
      model: at('other'),
      files: [at('season.csv')],
      reviews: [at('old.csv')],
      force: true,
      settings: ['training.epochs=1'],
    });
    expect(result.why).toContain('It was asked for.');
    expect(result.outcome).toBe('refused');
    expect(result.verdict!.reasons.join()).toMatch(/not better with confidence/);
    expect(fingerprint('other')).toBe(before);
    expect(existsSync(join(result.challenger!, 'attune.json'))).toBe(true);
    const same = {
      ...{ model: at('other'), files: [at('season.csv')], minReviews: 1, settings: ['training.epochs=1'] },
    };
    const [{ name, version } = { name: '', version: '' }] = await resolveSources([{ folder: at('other') }]);
    const check = { time: 1, model: name, version, signals: { 'drift/title': 1 }, alerts: [] };
    writeFileSync(at('watch.jsonl'), JSON.stringify(check));
    const again = await retrain({ ...same, reviews: [at('old.csv')], history: at('watch.jsonl') });
    expect(again).toMatchObject({ outcome: 'kept', newReviews: 0 });
    expect(again.why.join(' ')).toMatch(/Nothing is new since .*not better with confidence/);
  }, 600_000);

  it('is undone in one command, and done again in one more', async () => {
    const [now, before] = [fingerprint('model'), fingerprint('model.previous')];
    const back = await attune(folder(), 'retrain', '--model', 'model', '--roll-back');
    expect(back.code).toBe(0);
    expect(fingerprint('model')).toBe(before);
    expect(fingerprint('model.previous')).toBe(now);
    await attune(folder(), 'retrain', '--model', 'model', '--roll-back');
    expect(fingerprint('model')).toBe(now);
  }, 240_000);
});
