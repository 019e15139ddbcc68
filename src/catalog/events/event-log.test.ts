import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../source.ts';
import { EVENT_FAULTS } from './event-faults.ts';
import { EventLog, type EventLogOptions } from './event-log.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-events-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(
  path: string,
  options: Partial<EventLogOptions> = {},
): Promise<{ events: Row[]; rejects: Row[]; shoppers: Row[]; attributes: readonly string[] }> {
  const log = await EventLog.open({ paths: [path], threads: 1, ...options });
  try {
    return {
      events: await log.query('SELECT * EXCLUDE (place) FROM events ORDER BY place'),
      rejects: await log.query('SELECT row, reason, detail FROM rejects ORDER BY file, row'),
      shoppers: await log.query('SELECT * FROM shoppers'),
      attributes: log.profileAttributes,
    };
  } finally {
    log.close();
  }
}

describe('EventLog', () => {
  it('finds the columns by their usual names and the kinds by their usual spellings', async () => {
    const path = file(
      'usual.csv',
      'Timestamp,customer_id,Event Type,Product ID,search_term,qty,Unit Price\n' +
        '2024-05-01T10:00:00Z,c1,search,,red shoes,,\n' +
        '2024-05-01T10:01:00Z,c1,Product Viewed,p1,,,19.90\n' +
        '2024-05-01T10:02:00Z,c1,Add-To-Cart,p1,,2,"19,90 €"\n' +
        '2024-05-01T10:03:00Z,,order_completed,p1,,2,"1,019.90"\n' +
        '2024-05-09T10:00:00Z,c1,refunded,p1,,1,\n',
    );
    const { events, rejects } = await read(path);
    const none = { shopper: 'c1', session: null, query: null, quantity: 1, price: null };
    expect(rejects).toEqual([]);
    expect(events).toEqual([
      { ...none, time: 1714557600, kind: 'search', product: null, query: 'red shoes' },
      { ...none, time: 1714557660, kind: 'view', product: 'p1', price: 19.9 },
      { ...none, time: 1714557720, kind: 'cart', product: 'p1', quantity: 2, price: 19.9 },
      {
        ...none,
        time: 1714557780,
        kind: 'purchase',
        product: 'p1',
        shopper: null,
        quantity: 2,
        price: 1019.9,
      },
      { ...none, time: 1715248800, kind: 'return', product: 'p1' },
    ]);
  });

  it('takes the columns that are named, and says what a file lacks', async () => {
    const path = file('named.jsonl', '{"when": 1714557600, "what": "buy", "article": 7, "date": "x"}\n');
    const columns = { time: 'when', kind: 'what', product: 'article' };
    const { events } = await read(path, { columns });
    expect(events).toMatchObject([{ time: 1714557600, kind: 'purchase', product: '7' }]);
    await expect(read(path, { columns: { ...columns, shopper: 'who' } })).rejects.toMatchObject({
      code: 'catalog/column-missing',
      message: expect.stringContaining('"who"'),
    });
    await expect(read(file('no-time.csv', 'sku,event\np1,view\n'))).rejects.toMatchObject({
      code: 'catalog/column-missing',
      message: expect.stringContaining('time'),
    });
  });

  it('sets bad rows aside with their row and reason, and keeps the others', async () => {
    const path = file(
      'bad.csv',
      'time,shopper,event,sku,query,quantity\n' +
        ',s,view,p1,,\n' +
        'soon,s,view,p1,,\n' +
        '2024-05-01,s,wished,p1,,\n' +
        '2024-05-01,s,view,,,\n' +
        '2024-05-01,s,search,,,\n' +
        '2024-05-01,s,purchase,p1,,-2\n' +
        '2024-05-01,s,purchase,p1,,two\n' +
        '2024-05-01,s,purchase,p1,,2\n' +
        '2024-05-01,s,view\n',
    );
    const { events, rejects } = await read(path);
    expect(events).toHaveLength(1);
    expect(rejects).toEqual([
      { row: 1, reason: 'event-without-time', detail: null },
      { row: 2, reason: 'event-without-time', detail: null },
      { row: 3, reason: 'event-kind-unknown', detail: 'wished' },
      { row: 4, reason: 'event-without-product', detail: null },
      { row: 5, reason: 'event-without-product', detail: null },
      { row: 6, reason: 'event-quantity', detail: '-2' },
      { row: 7, reason: 'event-quantity', detail: 'two' },
      { row: 9, reason: 'ragged-row', detail: expect.any(String) },
    ]);
  });

  it('sets aside what is dated after today, which would move the end of the log', async () => {
    const path = file(
      'future.csv',
      'time,event,sku\n2024-05-01,view,p1\n2099-05-01,view,p1\n2024-05-02T12:00:00,view,p1\n2024-05-03T13:00:00,view,p1\n',
    );
    // Noon of 2 May: what is dated a day ahead at most may be of another zone.
    const log = await EventLog.open({ paths: [path], threads: 1, now: 1714651200 });
    try {
      expect(await log.end()).toBe(1714651201);
      expect(await log.rejectCounts()).toEqual({ 'event-in-future': 2 });
      expect((await log.rejects().next()).value![0]).toMatchObject({
        row: 2,
        detail: expect.stringContaining('2099'),
      });
    } finally {
      log.close();
    }
  });

  it('reads a file without kinds as purchases, and negative quantities there as returns', async () => {
    const path = file(
      'invoices.csv',
      'InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n536365,85123A,6,12/1/2010 8:26,2.55,17850\nC536379,85123A,-1,12/1/2010 9:41,2.55,17850\n',
    );
    const { events } = await read(path);
    expect(events).toMatchObject([
      { kind: 'purchase', quantity: 6, session: '536365', shopper: '17850', price: 2.55 },
      { kind: 'return', quantity: 1, product: '85123A' },
    ]);
  });

  it('reads profiles, one a shopper', async () => {
    const path = file('one.csv', 'time,event,sku\n2024-05-01,view,p1\n');
    const profiles = file('shoppers.csv', 'shopper_id,country,shopper\ns1,GB,x\n,US,y\ns1,FR,z\ns2,,\n');
    const { shoppers, attributes, rejects } = await read(path, { shoppers: { paths: [profiles] } });
    expect(attributes).toEqual(['country', 'shopper_2']);
    expect(shoppers).toEqual([
      { shopper: 's1', country: 'GB', shopper_2: 'x' },
      { shopper: 's2', country: null, shopper_2: null },
    ]);
    expect(rejects).toEqual([
      { row: 2, reason: 'shopper-without-id', detail: null },
      { row: 3, reason: 'duplicate-shopper', detail: 's1' },
    ]);
    expect(Object.keys(EVENT_FAULTS)).toEqual(expect.arrayContaining(rejects.map(({ reason }) => reason)));
  });
});
