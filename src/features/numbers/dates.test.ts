import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeSql } from '../../catalog/cell-sql.ts';
import { Source } from '../../catalog/source.ts';
import { timeOfCell } from '../../catalog/values/date-cell.ts';
import { dateNames, encodeDate, fitDate } from './date-encoding.ts';

const DAY = 86_400;
const at = (iso: string) => Date.parse(iso) / 1000;

describe('timeOfCell', () => {
  const cells = [
    '2024-05-18',
    '2024-05-18T10:30:00Z',
    '2024-05-18 10:30:00',
    '2024-05-18T10:30:00.250Z',
    '2024-05-18T10:30:00+02:00',
    '2024-05-18T10:30:00-0530',
    '31.12.2024',
    '31.12.2024 23:59',
    '1.2.2024 03:04:05',
    '12/31/2024',
    '12/31/2024 08:15',
    '2024/12/31',
    '2024-12',
    '20241231',
    '31 December 2024',
    '31 Dec 2024',
    'December 31, 2024',
    'May 5, 2023',
    '2024',
    '1999.5',
    '1704067200',
    '1704067200000',
    '1.7e9',
    '0',
    'soon',
    '2024-02-30',
    '31/12/2024',
    '32.12.2024',
    '',
  ];

  test('reads a cell as the catalog does in SQL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attune-dates-'));
    try {
      writeFileSync(
        join(folder, 'dates.csv'),
        `n,day\n${cells.map((cell, i) => `${i},"${cell}"`).join('\n')}\n`,
      );
      const source = await Source.open({ paths: [join(folder, 'dates.csv')] });
      const rows = await source.query(
        `SELECT r.n, ${timeSql('r', { name: 'day', type: 'VARCHAR' })} AS time FROM rows r ORDER BY r.rowid`,
      );
      source.close();
      expect(rows).toHaveLength(cells.length);
      for (const [i, { time }] of rows.entries())
        expect([cells[i], timeOfCell(cells[i])]).toEqual([cells[i], time ?? undefined]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('reads back every ISO time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1600-01-01'), max: new Date('2499-12-31'), noInvalidDate: true }),
        (date) => {
          expect(timeOfCell(date.toISOString())).toBeCloseTo(date.getTime() / 1000, 3);
          expect(timeOfCell(date)).toBe(date.getTime() / 1000);
        },
      ),
    );
  });
});

describe('dates', () => {
  const fit = fitDate({ bins: 4 });
  const reference = at('2024-12-31');
  for (let day = 0; day < 400; day++) fit.add(new Date((reference - day * DAY) * 1000), reference);
  const encoding = JSON.parse(JSON.stringify(fit.finish()));
  const named = (cell: string, time = reference) => {
    const vector = encodeDate(cell, time, encoding);
    return Object.fromEntries(dateNames(encoding).map((name, i) => [name, vector[i]!]));
  };

  test('December lies beside January, a Sunday beside a Monday', () => {
    const distance = (a: string, b: string, cycle: string) => {
      const [x, y] = [named(a), named(b)];
      return Math.hypot(x[`${cycle} sin`]! - y[`${cycle} sin`]!, x[`${cycle} cos`]! - y[`${cycle} cos`]!);
    };
    expect(distance('2024-12-31', '2024-01-01', 'day of year')).toBeLessThan(0.03);
    expect(distance('2024-12-31', '2024-01-01', 'month')).toBeCloseTo(2 * Math.sin(Math.PI / 12), 5);
    expect(distance('2024-06-30', '2024-01-01', 'day of year')).toBeGreaterThan(1.9);
    expect(distance('2024-09-01', '2024-09-02', 'weekday')).toBeCloseTo(2 * Math.sin(Math.PI / 7), 5);
    expect(distance('2024-09-02', '2024-09-09', 'weekday')).toBe(0);
  });

  test('the age is that at the reference time, older is more', () => {
    expect(named('2024-12-30')['age place']!).toBeLessThan(named('2024-03-01')['age place']!);
    expect(named('2024-03-01', at('2024-03-11'))['age place']).toBeCloseTo(
      named('2024-12-21')['age place']!,
      5,
    );
  });

  test('a missing or unreadable date is marked, and nothing else of it is', () => {
    for (const cell of ['', 'soon', null, undefined]) {
      expect([...encodeDate(cell, reference, encoding)]).toEqual(
        dateNames(encoding).map((_, i) => (i === 0 ? 1 : 0)),
      );
    }
    expect(named('2024-12-30').missing).toBe(0);
  });
});
