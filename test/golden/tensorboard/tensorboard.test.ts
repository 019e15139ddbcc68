import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/training/tensorboard/crc32c.ts';
import { EventFile } from '../../../src/training/tensorboard/event-file.ts';

type Fixture = {
  startSeconds: number;
  resumedAtStep: number;
  scalars: { tag: string; step: number; value: number }[];
  text: { tag: string; step: number; text: string };
};

const fixture = (name: string) => readFile(new URL(`./fixtures/${name}`, import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-events-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A clock that is one second later at each event; the name of the file asks it first. */
function clockFrom(seconds: number): () => number {
  let next = seconds - 1;
  return () => {
    next++;
    return Math.max(next - 1, seconds) * 1000;
  };
}

describe('a TensorBoard event file', () => {
  it('has the bytes that TensorBoard itself writes', async () => {
    const said: Fixture = JSON.parse((await fixture('events.json')).toString());
    const { startSeconds, resumedAtStep } = said;
    const file = await EventFile.create(folder, { now: clockFrom(startSeconds), resumedAtStep });
    for (const { tag, step, value } of said.scalars) file.scalar(tag, value, step);
    file.text(said.text.tag, said.text.text, said.text.step);
    await file.close();
    expect(basename(file.path)).toMatch(/^events\.out\.tfevents\.1700000000\.[\w-]+\.\d+\.0$/);
    expect((await readFile(file.path)).toString('hex')).toBe(
      (await fixture('events.tfevents')).toString('hex'),
    );
  });

  it('takes another name when one is taken, and never touches an older file', async () => {
    const now = () => 1_800_000_000_000;
    const first = await EventFile.create(folder, { now });
    const before = await readFile(first.path);
    const second = await EventFile.create(folder, { now });
    second.scalar('x', 1, 1);
    await second.close();
    await first.close();
    expect(second.path).not.toBe(first.path);
    expect(await readFile(first.path)).toEqual(before);
  });

  it('keeps the order of events over flushes that overlap', async () => {
    const file = await EventFile.create(folder, { now: () => 0 });
    const flushes: Promise<void>[] = [];
    for (let step = 0; step < 50; step++) {
      file.scalar('loss', step, step);
      flushes.push(file.flush());
    }
    await Promise.all(flushes);
    const text = (await readFile(file.path)).toString('latin1');
    expect(text.split('loss')).toHaveLength(51);
    const together = await EventFile.create(folder, { now: () => 0 });
    for (let step = 0; step < 50; step++) together.scalar('loss', step, step);
    await together.close();
    await file.close();
    expect(await readFile(together.path)).toEqual(await readFile(file.path));
  });

  it('refuses events after it was closed and steps that are none', async () => {
    const file = await EventFile.create(folder, { now: () => 0 });
    expect(() => file.scalar('x', 1, -1)).toThrow(/whole number from 0. Got -1/);
    expect(() => file.scalar('x', 1, 0.5)).toThrow(/Got 0.5/);
    await file.close();
    await file.close();
    expect(() => file.scalar('x', 1, 1)).toThrow(/is closed/);
  });

  it('says which folder cannot be made', async () => {
    const file = await EventFile.create(folder, { now: () => 0 });
    await file.close();
    await expect(EventFile.create(join(file.path, 'below'), { now: () => 0 })).rejects.toThrow(/ENOTDIR/);
  });
});

describe('CRC-32C', () => {
  it('gives the check values of RFC 3720 and of TensorFlow', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
  });
});
