import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSound } from './decode-sound.ts';
import { readSound } from './read-sound.ts';
import { SOUND_FAULTS, SOUND_LIMITS } from './sound.ts';

const FOLDER = new URL('../../../test/golden/audio/fixtures/', import.meta.url);
const files = new Map(
  readdirSync(FOLDER)
    .filter((name) => /\.(wav|flac|mp3|ogg)$/.test(name))
    .map((name) => [name, new Uint8Array(readFileSync(new URL(name, FOLDER)))]),
);
const sounds = [...files].filter(([name]) => name !== 'ulaw.wav');
const text = (content: string) => new TextEncoder().encode(content);

/** A 16-bit mono WAV of these samples. */
function wav(samples: Int16Array, { rateHz = 16_000, channels = 1, announced = samples.byteLength } = {}) {
  const bytes = new Uint8Array(44 + samples.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(text('RIFF    WAVEfmt '));
  view.setUint32(4, 36 + announced, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  bytes.set(text('data'), 36);
  view.setUint32(40, announced, true);
  bytes.set(new Uint8Array(samples.buffer), 44);
  return bytes;
}

/** A page of one packet (RFC 3533, section 6); no reader of ours looks at its checksum. */
function oggPage(packet: Uint8Array, sequence: number, granule: number, isLast: boolean): Uint8Array {
  const lacing = [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const header = new Uint8Array(27);
  header.set(text('OggS'));
  header[5] = (sequence === 0 ? 2 : 0) + (isLast ? 4 : 0);
  const view = new DataView(header.buffer);
  view.setBigInt64(6, BigInt(granule), true);
  view.setUint32(14, 7, true);
  view.setUint32(18, sequence, true);
  header[26] = lacing.length;
  return Uint8Array.from([...header, ...lacing, ...packet]);
}

const codeOf = async (bytes: Uint8Array, limits = SOUND_LIMITS) => {
  const sound = await decodeSound(bytes, limits);
  return sound.ok ? 'ok' : sound.code;
};

describe('decodeSound', () => {
  test.each(sounds)('%s cut off at any place is truncated, never half a clip', async (_name, bytes) => {
    for (const share of [0.5, 0.8, 0.97]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(await codeOf(cut)).toBe('truncated');
    }
    // Nothing but the beginning of a header is no sound at all, or a truncated one.
    expect(['truncated', 'not-sound', 'broken']).toContain(await codeOf(bytes.subarray(0, 40)));
  });

  test('an empty file and a text file named .wav are told from sounds', async () => {
    expect(await codeOf(new Uint8Array(0))).toBe('empty');
    expect(await codeOf(text('a wooden clock that ticks loudly\n'.repeat(200)))).toBe('not-sound');
    expect(await codeOf(text('RIFF or raff, the WAVE comes'))).toBe('not-sound');
    const utf16 = new Uint8Array(new Uint16Array([0xfeff, ...text('hello, this is a text')]).buffer);
    expect(await codeOf(utf16)).toBe('not-sound');
    expect(await codeOf(text('ID3 is not a tag here, the text goes on'))).toBe('not-sound');
  });

  test('FLAC in Ogg is the same sound as FLAC', async () => {
    const flac = files.get('mono-16.flac')!;
    // The blocks of the header lie one after the other, the last of them marked; the only frame follows.
    const view = new DataView(flac.buffer, flac.byteOffset);
    const blocks: Uint8Array[] = [];
    let at = 4;
    for (let isLast = false; !isLast; ) {
      isLast = (flac[at]! & 0x80) !== 0;
      const end = at + 4 + (view.getUint32(at) & 0xff_ffff);
      blocks.push(flac.subarray(at, end));
      at = end;
    }
    const [info, ...others] = blocks;
    const mapping = Uint8Array.from([
      0x7f,
      ...text('FLAC'),
      1,
      0,
      0,
      others.length,
      ...text('fLaC'),
      ...info!,
    ]);
    const pages = [mapping, ...others, flac.subarray(at)];
    const ogg = pages.map((packet, i) =>
      oggPage(packet, i, i < blocks.length ? 0 : 1764, i === pages.length - 1),
    );
    const bytes = Uint8Array.from(ogg.flatMap((page) => [...page]));
    expect(await decodeSound(bytes)).toEqual(await decodeSound(flac));
    expect(await codeOf(bytes.subarray(0, bytes.length - 1))).toBe('truncated');
  });

  test('silence is a sound', async () => {
    const silence = await readSound(wav(new Int16Array(8000), { rateHz: 8000 }));
    expect(silence).toMatchObject({ ok: true, sampleRateHz: 16_000 });
    expect(silence.ok && silence.samples).toEqual(new Float32Array(16_000));
  });

  test('bytes, seconds and channels have limits', async () => {
    const clip = wav(new Int16Array(16_000));
    const limited = (limits: Partial<typeof SOUND_LIMITS>) => codeOf(clip, { ...SOUND_LIMITS, ...limits });
    expect(await limited({ maxBytes: clip.length })).toBe('ok');
    expect(await limited({ maxBytes: clip.length - 1 })).toBe('too-large');
    expect(await limited({ maxSeconds: 1 })).toBe('ok');
    expect(await limited({ maxSeconds: 0.99 })).toBe('too-long');
    expect(await codeOf(wav(new Int16Array(90), { channels: 9 }))).toBe('too-many-channels');
    expect(await codeOf(wav(new Int16Array(8), { rateHz: 0 }))).toBe('encoding-unsupported');
    expect(await codeOf(wav(new Int16Array(0)))).toBe('no-samples');
  });

  test.each(sounds)('%s longer than the limit stops there', async (_name, bytes) => {
    expect(await codeOf(bytes, { ...SOUND_LIMITS, maxSeconds: 0.02 })).toBe('too-long');
  });

  test('a stream of unknown length is read to its end', async () => {
    const clip = wav(Int16Array.from([0, 16_384, -16_384]), { announced: 0xffff_ffff });
    expect(await decodeSound(clip)).toMatchObject({ ok: true, samples: Float32Array.from([0, 0.5, -0.5]) });
  });

  test('whatever the bytes, there is an answer: a sound of finite samples, or a reason', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 });
    const broken = fc.tuple(
      fc.constantFrom(...files.values()),
      damage,
      fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ([bytes, changes, cut]) => {
        const copy = bytes.slice(0, Math.ceil(bytes.length * (cut ?? 1)));
        // Half of the changes hit the headers.
        for (const [place, value] of changes) copy[place % (place % 2 ? copy.length : 64)] = value;
        const sound = await decodeSound(copy);
        if (sound.ok) {
          expect(sound.samples.length).toBeGreaterThan(0);
          expect(sound.samples.every(Number.isFinite)).toBe(true);
        } else {
          expect(Object.keys(SOUND_FAULTS)).toContain(sound.code);
        }
      }),
      { numRuns: 300 },
    );
  });
});
