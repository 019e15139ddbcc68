/** A shop whose model is right as often as we say: what the queue asks people, and what their answers tell of the model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAllReviews } from '../../src/attune/read-reviews.ts';
import { Random } from '../../src/base/random.ts';
import { measureAccuracy } from '../../src/monitoring/accuracy/measured.ts';
import { lastAnswers } from '../../src/monitoring/people/reviews-file.ts';
import { Keeper, type Kept } from '../../src/serving/records/keeper.ts';
import { openStore, type Store } from '../../src/store/store.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-audits-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const TARGET = 0.9;
const truth = new Map<string, string>();

/** 95% are sure, of which 97% are right; of the others 40% are. */
function answers(count: number, prefix: string): readonly Kept[] {
  const random = new Random(7, prefix.charCodeAt(0));
  return Array.from({ length: count }, (_, i) => {
    const id = `${prefix}${i}`;
    const sure = random.uniform() < 0.95;
    truth.set(id, random.uniform() < (sure ? 0.97 : 0.4) ? 'Red' : 'Blue');
    const color = {
      ...{ kind: 'choice' as const, value: 'Red', notApplicable: false, evidence: [], alternatives: [] },
      ...{ confidence: sure ? 0.97 : 0.4, status: sure ? ('auto' as const) : ('review' as const) },
    };
    return {
      ...{ product: { id, texts: { title: id } }, model: 'm', version: '1' },
      ...{ reads: ['title'], mayWrite: true },
      prediction: { id, attributes: { color }, missing: [] },
    };
  });
}

async function kept(list: readonly Kept[]): Promise<void> {
  const lost: unknown[] = [];
  const keeper = new Keeper({
    store,
    targetsOf: () => ({ color: TARGET }),
    onTrouble: (error) => lost.push(error),
  });
  keeper.keep(list);
  await keeper.close();
  expect(lost).toEqual([]);
}

const audits = async () =>
  (await store.reviews.queue({ reason: 'audit', limit: 5000 })).map(({ productId }) => productId);

describe('a random share of what is accepted unseen', () => {
  it('is asked of people, so that their answers tell how right the model is, and falls as they agree', async () => {
    const first = answers(2500, 'a');
    await kept(first);
    const drawn = await audits();
    const sure = first.filter(({ prediction }) => prediction.attributes.color!.status === 'auto').length;
    expect(drawn.length / sure).toBeGreaterThan(0.08);
    expect(drawn.length / sure).toBeLessThan(0.12);
    await kept(first);
    expect(await audits(), 'the same again draws nothing anew').toEqual(drawn);

    for (const { productId } of await store.reviews.queue({ limit: 5000 }))
      await store.reviews.submit({
        ...{ productId, attribute: 'color', values: [truth.get(productId)!], who: 'ann' },
      });
    const asked = new Set((await store.reviews.responses({ limit: 5000 })).map(({ productId }) => productId));
    const unasked = first.find(({ product }) => !asked.has(product.id!))!.product.id!;
    await store.reviews.submit({ productId: unasked, attribute: 'color', values: ['Green'], who: 'ann' });

    await kept(answers(300, 'b'));
    const again = await audits();
    // 200 audits are enough for the share to fall.
    const [sums] = await store.reviews.audits('m', '1');
    expect(sums!.checked).toBe(drawn.length);
    const chances = (await store.reviews.queue({ reason: 'audit', limit: 5000 })).map(
      ({ items: [item] }) => item!.chance!,
    );
    expect(again.length).toBeGreaterThan(0);
    expect(sums!.checked).toBeGreaterThan(200);
    for (const chance of chances) expect(chance).toBeCloseTo((0.1 * 200) / sums!.checked, 12);
  }, 120_000);

  it('gives each answer of the store its weight; what people say of their own accord has none', async () => {
    const { reviews } = await readAllReviews(undefined, store);
    const checked = lastAnswers(reviews).filter(({ chance }) => chance !== undefined);
    expect(checked.length).toBe(lastAnswers(reviews).length - 1);
    const measured = measureAccuracy(
      checked.map(({ values, chance }) => ({ correct: values![0] === 'Red', chance: chance! })),
    )!;
    const of = [...truth].filter(([id]) => id.startsWith('a'));
    const right = of.filter(([, value]) => value === 'Red').length / of.length;
    const plain = checked.filter(({ values }) => values![0] === 'Red').length / checked.length;
    expect(Math.abs(plain - right)).toBeGreaterThan(0.1);
    expect(measured.interval.low).toBeLessThan(right);
    expect(measured.interval.high).toBeGreaterThan(right);
  }, 60_000);

  it('gives way to what a file says later, and no file to what is said after it', async () => {
    await store.products.put(['old', 'new', 'timeless'].map((id) => ({ id: `file-${id}`, fields: {} })));
    for (const id of ['old', 'new', 'timeless'])
      await store.reviews.submit({
        ...{ productId: `file-${id}`, attribute: 'color', values: ['Store'], who: 'ann' },
      });
    const file = join(folder, 'reviews.csv');
    const rows = ['old,2020-01-01T00:00:00Z', 'new,2100-01-01T00:00:00Z', 'timeless,'];
    writeFileSync(
      file,
      ['product,time,attribute,value', ...rows.map((row) => `file-${row},color,File`)].join('\n'),
    );
    const { reviews } = await readAllReviews([file], store);
    const said = lastAnswers(reviews).filter(({ product }) => product.startsWith('file-'));
    expect(Object.fromEntries(said.map(({ product, values }) => [product, values![0]]))).toEqual({
      ...{ 'file-old': 'Store', 'file-new': 'File', 'file-timeless': 'Store' },
    });
  }, 60_000);
});
