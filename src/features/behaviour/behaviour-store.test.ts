import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventLog } from '../../catalog/events/event-log.ts';
import { type BehaviourEncoding, fitBehaviour } from './behaviour-encoding.ts';
import { type BehaviourInput, behaviourEncoder, fitBehaviourInput } from './behaviour-input.ts';
import { BehaviourStore, type Wanted } from './behaviour-store.ts';
import { behaviourNames } from './behaviour-vector.ts';

const DAY = 86_400;
/** 1 June 2024. */
const NOW = 1_717_200_000;

let folder: string;
let log: EventLog;
let encoding: BehaviourEncoding;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-behaviour-store-'));
  const path = join(folder, 'events.csv');
  // One view of p1 on each of the last 200 days; p2 is viewed with it on the last 20.
  const rows = Array.from({ length: 200 }, (_, day) => {
    const time = NOW - DAY * (day + 1);
    const view = (product: string, query: string) => `${time},s${day},view,${product},${query}`;
    return [view('p1', 'red rug'), ...(day < 20 ? [view('p2', 'Red lamp')] : [])].join('\n');
  });
  writeFileSync(path, `time,shopper,event,sku,query\n${rows.join('\n')}\n`);
  log = await EventLog.open({ paths: [path], threads: 1 });
  encoding = await fitBehaviour(log, NOW);
});
afterAll(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

const views = (vector: Float32Array) =>
  Math.round(Math.expm1(vector[behaviourNames(encoding).indexOf('log view all')]!));

function openEach(wanted: readonly Wanted[], as = encoding): Promise<BehaviourStore> {
  return BehaviourStore.open(log, as, {
    kind: 'each',
    async *products() {
      yield wanted;
    },
  });
}

async function viewsOf(wanted: readonly Wanted[], as = encoding): Promise<(number | undefined)[]> {
  const store = await openEach(wanted, as);
  return (await store.lookup(wanted)).map((found) => found && views(found.vector));
}

describe('BehaviourStore', () => {
  it('finds products by id, in the order of the question, and nothing of the unknown', async () => {
    const store = await BehaviourStore.open(log, encoding, { kind: 'one', time: NOW });
    const found = await store.lookup([{ id: 'p2' }, { id: 'nobody' }, { id: 'p1' }, { id: 'p2' }]);
    expect(found.map((each) => each && views(each.vector))).toEqual([20, undefined, 200, 20]);
    expect(found[0]!.neighbours.viewed).toEqual([{ text: 'p1', weight: expect.any(Number) }]);
    expect(found[2]!.queries).toEqual([{ text: 'red rug', weight: 200 }]);
    expect(await store.lookup([])).toEqual([]);
  });

  it('tells each product as of its own time, and one without a time not at all', async () => {
    const wanted = [
      { id: 'p1', at: NOW },
      { id: 'p1', at: NOW - 100 * DAY },
      { id: 'p2', at: NOW - 30 * DAY },
      { id: 'p1' },
    ];
    expect(await viewsOf(wanted)).toEqual([200, 100, undefined, undefined]);
  });

  it('rounds times down where there are many: nothing later is seen, and little is missed', async () => {
    const wanted = Array.from({ length: 150 }, (_, day) => ({ id: 'p1', at: NOW - day * DAY }));
    for (const [day, seen] of (await viewsOf(wanted)).entries()) {
      expect(seen).toBeLessThanOrEqual(200 - day);
      expect(seen).toBeGreaterThanOrEqual(200 - day - 7);
    }
  });

  it('rounds alone as it rounded among many, when told how far that was', async () => {
    const many = Array.from({ length: 150 }, (_, day) => ({ id: 'p1', at: NOW - day * DAY }));
    const { stepDays } = await openEach(many);
    expect(stepDays).toBe(7);
    const among = await viewsOf(many);
    for (const day of [0, 3, 75, 149])
      expect(await viewsOf([many[day]!], { ...encoding, stepDays })).toEqual([among[day]]);
    const fewest = await openEach([many[3]!]);
    expect(fewest.stepDays).toBe(1);
  });
});

describe('behaviourEncoder', () => {
  const queries = [
    { text: 'red rug', weight: 6 },
    { text: 'rug', weight: 2 },
  ];
  const observed = (first: number) => {
    const vector = new Float32Array(behaviourNames(encoding).length);
    vector[0] = first;
    return { vector, neighbours: { viewed: [{ text: 'p9', weight: 0.5 }], bought: [] }, queries };
  };
  let input: BehaviourInput;
  beforeAll(() => {
    const fit = fitBehaviourInput(encoding);
    for (const first of [1, 2, 3]) fit.add(observed(first));
    input = fit.finish();
  });

  it('standardises by the training products, and goes no further than four deviations', () => {
    const encode = behaviourEncoder(input);
    expect(encode(observed(2)).values[0]).toBeCloseTo(0, 6);
    expect(encode(observed(3)).values[0]).toBeCloseTo(1 / Math.sqrt(2 / 3), 5);
    expect(encode(observed(1000)).values[0]).toBe(4);
    // A place that never varied says nothing.
    expect(encode(observed(1)).values[1]).toBe(0);
  });

  it('weighs the words of the queries and the neighbours that training knew, and no others', () => {
    const [viewed, bought, words] = ['viewed', 'bought', 'words'].keys();
    const { ids, weights } = behaviourEncoder(input)({
      ...observed(1),
      neighbours: { viewed: [{ text: 'new', weight: 9 }], bought: [{ text: 'p9', weight: 1 }] },
    });
    expect(input.known).toEqual({ viewed: ['p9'], bought: [], words: ['red', 'rug'] });
    expect([...weights[viewed!]!].every((weight) => weight === 0)).toBe(true);
    expect([...weights[bought!]!].every((weight) => weight === 0)).toBe(true);
    expect([...ids[words!]!.subarray(0, 3)]).toEqual([2, 1, 0]);
    expect(weights[words!]![0]).toBeCloseTo(8 / 14, 6);
    expect(weights[words!]![1]).toBeCloseTo(6 / 14, 6);
  });
});
