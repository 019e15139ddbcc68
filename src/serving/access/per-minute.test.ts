import { expect, it } from 'vitest';
import { PerMinute } from './per-minute.ts';

it('counts each name in a minute of its own, and begins again after it', () => {
  let now = 0;
  const counts = new PerMinute(() => now);
  expect([counts.add('a'), counts.of('b')]).toEqual([
    { count: 1, leftMs: 60_000 },
    { count: 0, leftMs: 0 },
  ]);
  now = 59_000;
  expect([counts.add('a'), counts.add('b')]).toEqual([
    { count: 2, leftMs: 1000 },
    { count: 1, leftMs: 60_000 },
  ]);
  now = 60_000;
  expect([counts.of('a').count, counts.of('b').count]).toEqual([0, 1]);
  expect(counts.add('a')).toEqual({ count: 1, leftMs: 60_000 });
});

it('remembers ten thousand names, the last that came', () => {
  const counts = new PerMinute(() => 0);
  for (let i = 0; i <= 10_000; i++) counts.add(String(i));
  expect([counts.of('0').count, counts.of('1').count, counts.of('10000').count]).toEqual([0, 1, 1]);
});
