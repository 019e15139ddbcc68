import { describe, expect, it } from 'vitest';
import { type Bench, predicted, shirts } from './bench.ts';

export function reviewsSuite(bench: Bench): void {
  const answer = (who: string, values: readonly string[], productId = 'a-00') => ({
    productId,
    attribute: 'color',
    who,
    values,
  });
  const unsure = (productId: string, confidence: number) =>
    predicted(productId, { status: 'review', confidence });
  const idsOf = (list: readonly { readonly productId: string }[]) => list.map(({ productId }) => productId);

  describe('the queue', () => {
    it('takes what a model is unsure of, least sure first, with its suggestion', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(3));
      await predictions.record([unsure('a-00', 0.6), unsure('a-01', 0.2), predicted('a-02')]);
      const queue = await reviews.queue();
      expect(idsOf(queue)).toEqual(['a-01', 'a-00']);
      expect(queue[0]).toMatchObject({
        leasedTo: null,
        items: [
          { attribute: 'color', reason: 'unsure', suggestion: { value: 'Red', score: 0.2, version: '1' } },
        ],
      });
      await predictions.record([predicted('a-01', { version: '2' })]);
      expect(idsOf(await reviews.queue())).toEqual(['a-00']);
    });

    it('takes what others put there, and keeps it when the model is sure', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(2));
      const item = { productId: 'a-00', attribute: 'color', reason: 'drift', priority: 2 };
      expect(await reviews.add([item, { ...item, productId: 'no such' }])).toBe(1);
      await predictions.record([predicted('a-00')]);
      expect(await reviews.queue({ reason: 'drift' })).toMatchObject([{ productId: 'a-00', priority: 2 }]);
      expect(await reviews.queue({ reason: 'unsure' })).toEqual([]);
      await predictions.record([unsure('a-00', 0.2)]);
      const [
        {
          items: [kept],
        } = { items: [] },
      ] = await reviews.queue();
      expect(kept).toMatchObject({ reason: 'drift', priority: 2, chance: 1, suggestion: { score: 0.2 } });
      expect(await reviews.waiting()).toEqual({ products: 1, leased: 0 });
    });

    it('gives no product to two people, and to others when the lease is over', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(6));
      await predictions.record(shirts(6).map(({ id }, i) => unsure(id, i / 10)));
      const taken = await Promise.all(
        ['ann', 'bob', 'cem'].map((who) => reviews.take(who, { limit: 2, seconds: 60 })),
      );
      expect(taken.flatMap(idsOf).sort()).toEqual(idsOf(await reviews.queue()).sort());
      expect(await reviews.take('dan', { limit: 6 })).toEqual([]);
      expect(idsOf(await reviews.take('ann', { limit: 1, seconds: 60 }))).toEqual([idsOf(taken[0]!)[0]]);
      expect(await reviews.waiting()).toEqual({ products: 6, leased: 6 });
      bench.pass(61);
      expect(idsOf(await reviews.take('dan', { limit: 2 }))).toEqual(['a-00', 'a-01']);
    });

    it('gives to others what somebody had before the clock was set back', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(1));
      await predictions.record([unsure('a-00', 0.2)]);
      await reviews.take('ann');
      bench.pass(-2 * 3600);
      expect(await reviews.waiting()).toEqual({ products: 1, leased: 0 });
      expect(idsOf(await reviews.take('bob'))).toEqual(['a-00']);
      expect(await reviews.take('ann')).toEqual([]);
      bench.pass(2 * 3600);
    });

    it('gives back, skips for one person only, and can be asked for one attribute', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(3));
      await predictions.record([
        ...shirts(2).map(({ id }, i) => unsure(id, i / 10)),
        predicted('a-02', { attribute: 'size', status: 'review', confidence: 0.9 }),
      ]);
      expect(idsOf(await reviews.take('ann', { attribute: 'size' }))).toEqual(['a-02']);
      await reviews.release('ann');
      expect(idsOf(await reviews.take('bob'))).toEqual(['a-00']);
      await reviews.skip('bob', 'a-00');
      await reviews.skip('bob', 'a-00');
      expect(idsOf(await reviews.take('bob'))).toEqual(['a-01']);
      expect(idsOf(await reviews.take('ann'))).toEqual(['a-00']);
    });
  });

  describe('answers', () => {
    it('come into force, leave the queue, and refer to the suggestion they answer', async () => {
      const { products, predictions, reviews, values } = bench.store;
      await products.put(shirts(1));
      await predictions.record([unsure('a-00', 0.3)]);
      const [{ items } = { items: [] }] = await reviews.take('ann');
      const draft = await reviews.draft(answer('ann', ['Green']));
      await reviews.draft(answer('ann', ['Blue']));
      expect(await values.of(['a-00'])).toEqual([]);
      expect(await reviews.responses({ states: ['draft'] })).toMatchObject([
        { values: ['Blue'], who: 'ann' },
      ]);
      const response = await reviews.submit(answer('ann', ['Blue']));
      expect(response).toMatchObject({ state: 'submitted', suggestionId: items[0]!.suggestion!.id });
      expect(response.id).not.toBe(draft.id);
      expect(await reviews.responses({ states: ['draft', 'submitted'] })).toMatchObject([
        { values: ['Blue'], suggestion: { value: 'Red', score: 0.3 } },
      ]);
      expect(await values.of(['a-00'])).toMatchObject([{ values: ['Blue'], provenance: 'person-created' }]);
      expect(await reviews.queue()).toEqual([]);
      expect(await reviews.suggestions('a-00', 'color')).toMatchObject([{ value: 'Red' }]);
      await predictions.record([unsure('a-00', 0.1)]);
      expect(await reviews.queue(), 'a person has answered').toEqual([]);
    });

    it('to a product that somebody else has are refused', async () => {
      const { products, predictions, reviews, values } = bench.store;
      await products.put(shirts(1));
      await predictions.record([unsure('a-00', 0.3)]);
      await reviews.take('ann', { seconds: 60 });
      await expect(reviews.submit(answer('bob', ['Blue']))).rejects.toMatchObject({ code: 'store/conflict' });
      await expect(reviews.discard(answer('bob', []))).rejects.toMatchObject({ code: 'store/conflict' });
      expect(await values.of(['a-00'])).toEqual([]);
      bench.pass(61);
      await reviews.submit(answer('bob', ['Blue']));
      expect(await values.of(['a-00'])).toMatchObject([{ who: 'bob' }]);
    });

    it('that say there is nothing to say change no value', async () => {
      const { products, predictions, reviews, values } = bench.store;
      await products.put(shirts(1));
      await predictions.record([unsure('a-00', 0.3)]);
      await reviews.discard(answer('ann', []));
      expect(await reviews.queue()).toEqual([]);
      expect(await values.of(['a-00'])).toEqual([]);
      expect(await reviews.responses()).toEqual([]);
      expect(await reviews.responses({ states: ['discarded'] })).toHaveLength(1);
    });

    it('are taken back: the value before is in force, and the product is the same person’s to answer', async () => {
      const { products, values, reviews } = bench.store;
      await products.put(shirts(1));
      await values.fromSupplier([{ productId: 'a-00', attribute: 'color', values: ['Red'] }]);
      const { id } = await reviews.submit(answer('ann', ['Blue']));
      await expect(reviews.undo('bob', id)).rejects.toMatchObject({ code: 'store/not-found' });
      await reviews.undo('ann', id);
      expect(await values.of(['a-00'])).toMatchObject([
        { values: ['Red'], provenance: 'supplier', who: null },
      ]);
      expect(idsOf(await reviews.take('bob'))).toEqual([]);
      expect(idsOf(await reviews.take('ann'))).toEqual(['a-00']);
      await expect(reviews.undo('ann', id)).rejects.toMatchObject({ code: 'store/not-found' });
    });

    it('say why and with which chance they were asked for, also after one was taken back', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(3));
      const audit = { chance: 0.1, priority: 0.5 };
      await predictions.record([unsure('a-00', 0.3), predicted('a-01', { audit }), predicted('a-02')]);
      expect(
        (await reviews.queue()).map(({ productId, priority, items: [item] }) => [
          ...[productId, priority, item!.reason, item!.chance, item!.suggestion!.score],
        ]),
      ).toEqual([
        ['a-00', 0.7, 'unsure', 1, 0.3],
        ['a-01', 0.5, 'audit', 0.1, 0.95],
      ]);
      await reviews.submit(answer('ann', ['Blue'], 'a-00'));
      await reviews.undo('ann', (await reviews.submit(answer('ann', ['Blue'], 'a-01'))).id);
      await reviews.submit(answer('ann', ['Red'], 'a-01'));
      await reviews.submit(answer('ann', ['Green'], 'a-02'));
      expect((await reviews.responses()).map(({ reason, chance }) => [reason, chance])).toEqual([
        ['unsure', 1],
        ['audit', 0.1],
        [null, null],
      ]);
    });

    it('to audits are summed up by model and attribute, what was said last counts', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(4));
      const audited = (id: string, chance: number) =>
        predicted(id, { version: 'audited', audit: { chance, priority: chance } });
      await predictions.record(shirts(4).map(({ id }, i) => audited(id, i === 0 ? 0.5 : 0.1)));
      for (const { id } of shirts(3)) await reviews.submit(answer('ann', ['Red'], id));
      await reviews.submit(answer('bob', ['Green'], 'a-02'));
      expect(await reviews.audits('attune-model', 'audited')).toEqual([
        { attribute: 'color', checked: 3, weight: 22, rightWeight: 12, squares: expect.closeTo(204, 9) },
      ]);
      expect(await reviews.audits('attune-model', 'another')).toEqual([]);
      expect((await reviews.queue()).map(({ productId }) => productId)).toEqual(['a-03']);
      await predictions.record([predicted('a-03', { version: 'next' })]);
      expect(await reviews.queue(), 'what was to be audited was replaced').toEqual([]);
    });

    it('to audits are judged as the figures of a training are: numbers within a tolerance, several values as a set', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(1));
      const said = async (
        attribute: string,
        of: Partial<Parameters<typeof predicted>[1]>,
        values: string[],
        unit: string | null = null,
      ) => {
        const audit = { chance: 0.5, priority: 0.5 };
        await predictions.record([predicted('a-00', { attribute, audit, version: 'judged', ...of })]);
        await reviews.submit({ ...answer('ann', values), attribute, unit });
      };
      await said('brand', { kind: 'extract', value: ['Acme', 'Bolt'] }, ['Acme ']);
      await said('material', { kind: 'multi', value: ['wool', 'silk'] }, ['silk', 'wool']);
      await said('parts', { kind: 'multi', value: ['wool', 'silk'] }, ['silk']);
      await said('volume', { kind: 'number', value: 1.5, unit: 'l' }, ['2'], 'l');
      await said('weight', { kind: 'number', value: 1200, unit: 'g' }, ['1.22'], 'kg');
      const right = ['brand', 'material', 'weight'];
      const sums = await reviews.audits('attune-model', 'judged');
      expect(sums.map(({ attribute, rightWeight }) => [attribute, rightWeight])).toEqual(
        ['brand', 'material', 'parts', 'volume', 'weight'].map((name) => [
          name,
          right.includes(name) ? 2 : 0,
        ]),
      );
      const figures = await reviews.agreement();
      expect(figures.filter(({ agreed }) => agreed === 1).map(({ attribute }) => attribute)).toEqual(right);
    });

    it('to an audit stay answers to one, whatever else speaks for looking at the product', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(3));
      const drawn = (id: string, version: string) =>
        predicted(id, { version, audit: { chance: 0.1, priority: 0.5 } });
      await predictions.record([drawn('a-00', 'first'), drawn('a-01', 'first')]);
      const returned = (productId: string) => ({
        ...{ productId, attribute: 'color', reason: 'returns', priority: 2, evidence: { returns: 3 } },
      });
      await reviews.add(['a-00', 'a-01', 'a-02'].map(returned));
      await predictions.record([drawn('a-02', 'first'), predicted('a-01', { version: 'second' })]);
      expect(
        (await reviews.queue()).map(({ productId, items: [item] }) => [
          ...[productId, item!.reason, item!.priority, item!.chance, item!.evidence],
        ]),
      ).toEqual([
        ['a-00', 'returns', 2, 0.1, { returns: 3 }],
        ['a-01', 'returns', 2, null, { returns: 3 }],
        ['a-02', 'returns', 2, 0.1, { returns: 3 }],
      ]);
      for (const { id } of shirts(3)) await reviews.submit(answer('ann', ['Green'], id));
      expect(await reviews.audits('attune-model', 'first')).toMatchObject([{ checked: 2, rightWeight: 0 }]);
      expect(await reviews.audits('attune-model', 'second')).toEqual([]);
      expect((await reviews.responses()).map(({ chance }) => chance)).toEqual([0.1, null, 0.1]);
    });

    it('that are taken back stand in the queue for what they stood there before', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(2));
      await predictions.record([predicted('a-00', { audit: { chance: 0.1, priority: 0.5 } })]);
      const evidence = { queries: [{ query: 'blue shirt', found: 9 }] };
      await reviews.add([
        { productId: 'a-00', attribute: 'color', reason: 'searches', priority: 2, evidence },
      ]);
      for (const id of ['a-00', 'a-01'])
        await reviews.undo('ann', (await reviews.submit(answer('ann', ['Blue'], id))).id);
      expect((await reviews.queue()).map(({ items: [item] }) => item)).toMatchObject([
        { reason: 'searches', evidence, chance: 0.1 },
        { reason: 'undone', evidence: null, chance: null },
      ]);
      await reviews.submit(answer('ann', ['Red'], 'a-00'));
      expect(await reviews.audits('attune-model', '1')).toMatchObject([{ checked: 1, rightWeight: 10 }]);
    });

    it('are taken back without taking the product from somebody who has it for another attribute', async () => {
      const { products, reviews } = bench.store;
      await products.put(shirts(1));
      const { id } = await reviews.submit(answer('ann', ['Blue']));
      await reviews.add([{ productId: 'a-00', attribute: 'size', reason: 'gold', priority: 1 }]);
      expect(idsOf(await reviews.take('bob'))).toEqual(['a-00']);
      await reviews.undo('ann', id);
      expect(idsOf(await reviews.take('ann'))).toEqual([]);
      await reviews.submit({ productId: 'a-00', attribute: 'size', who: 'bob', values: ['M'] });
    });

    it('cannot be taken back once another person has changed the value', async () => {
      const { products, values, reviews } = bench.store;
      await products.put(shirts(1));
      const { id } = await reviews.submit(answer('ann', ['Blue']));
      await reviews.submit(answer('bob', ['Green']));
      await expect(reviews.undo('ann', id)).rejects.toMatchObject({ code: 'store/conflict' });
      expect(await values.of(['a-00'])).toMatchObject([
        { values: ['Green'], who: 'bob', provenance: 'person-changed' },
      ]);
    });

    it('are read in their order, from where one stopped', async () => {
      const { products, reviews } = bench.store;
      await products.put(shirts(4));
      for (const { id } of shirts(4)) await reviews.submit(answer('ann', ['Blue'], id));
      const first = await reviews.responses({ limit: 3 });
      expect(idsOf(first)).toEqual(['a-00', 'a-01', 'a-02']);
      expect(idsOf(await reviews.responses({ after: first.at(-1)!.id }))).toEqual(['a-03']);
      expect(await reviews.responses({ who: 'bob' })).toEqual([]);
      bench.pass(10);
      await reviews.submit(answer('bob', ['Red']));
      expect(await reviews.responses({ productId: 'a-00', since: first[0]!.updated })).toHaveLength(2);
      expect(await reviews.responses({ since: new Date(first[0]!.updated.getTime() + 5000) })).toMatchObject([
        { who: 'bob' },
      ]);
    });

    it('agree with what was suggested, whatever the kind of value', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(1));
      const say = async (attribute: string, value: string | number | string[] | null, values: string[]) => {
        const notApplicable = value === null;
        await predictions.record([{ ...unsure('a-00', 0.5), attribute, value, notApplicable }]);
        await reviews.submit({ ...answer('ann', values), attribute });
      };
      await say('brand', 'Acme', ['Acme']);
      await say('color', 'Red', ['Blue']);
      await say('material', ['wool', 'silk'], ['wool', 'silk']);
      await say('sleeve', null, []);
      await say('weight', 120, ['120']);
      const figures = await reviews.agreement();
      expect(figures.map(({ attribute, answers, agreed }) => [attribute, answers, agreed])).toEqual([
        ['brand', 1, 1],
        ['color', 1, 0],
        ['material', 1, 1],
        ['sleeve', 1, 1],
        ['weight', 1, 1],
      ]);
    });

    it('of two people about one product agree or are to be settled, until two say what is in force', async () => {
      const { products, reviews, retention } = bench.store;
      await products.put(shirts(3));
      const say = (who: string, productId: string, values: string[]) =>
        reviews.submit({ ...answer(who, values), productId });
      await say('ann', 'a-00', ['Red']);
      expect(await reviews.peopleAgree()).toEqual([]);
      await say('bob', 'a-00', ['Red']);
      await say('ann', 'a-01', ['Red', 'Blue']);
      await say('bob', 'a-01', ['Blue', 'Red']);
      await say('ann', 'a-02', []);
      await say('bob', 'a-02', ['Red']);
      expect(await reviews.peopleAgree()).toEqual([{ attribute: 'color', products: 3, pairs: 3, agreed: 2 }]);
      const open = await reviews.disagreements();
      expect(open).toMatchObject([
        {
          productId: 'a-02',
          attribute: 'color',
          answers: [
            { who: 'bob', values: ['Red'] },
            { who: 'ann', values: [] },
          ],
        },
      ]);
      expect(await reviews.disagreements({ before: open[0]!.latest })).toEqual([]);
      expect(await reviews.disagreements({ attribute: 'brand' })).toEqual([]);

      // Who says it again alone settles nothing; a third value neither; what is said first counts for how often they agree.
      await say('bob', 'a-02', ['Red']);
      await say('cat', 'a-02', ['Green']);
      expect(await reviews.disagreements()).toMatchObject([{ answers: [{ who: 'cat' }, {}, {}] }]);
      await say('cat', 'a-02', []);
      expect(await reviews.disagreements()).toEqual([]);
      expect(await reviews.peopleAgree()).toMatchObject([{ products: 3, pairs: 5, agreed: 2 }]);

      await retention.forget('bob');
      expect(await reviews.peopleAgree()).toMatchObject([{ products: 1, pairs: 1, agreed: 0 }]);
    });

    it('can be given for those that wait with the same suggestion, but not for those that others have', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(8));
      await predictions.record(
        shirts(8).map(({ id }, i) => ({ ...unsure(id, i / 10), value: i === 7 ? 'Blue' : 'Red' })),
      );
      await reviews.skip('bob', 'a-00');
      expect(idsOf(await reviews.take('bob'))).toEqual(['a-01']);
      const alike = { productId: 'a-00', attribute: 'color', limit: 10 };
      // Of the category and the supplier, of the category, of the supplier; then the least sure first.
      expect(await reviews.alike({ ...alike, who: 'ann' })).toEqual(['a-06', 'a-03', 'a-02', 'a-04', 'a-05']);
      expect(await reviews.alike({ ...alike, who: 'bob', limit: 3 })).toEqual(['a-06', 'a-03', 'a-02']);
      expect(await reviews.alike({ ...alike, productId: 'none', who: 'ann' })).toEqual([]);
    });
  });
}
