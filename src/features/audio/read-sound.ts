/**
 * From the bytes of a clip to samples at the rate that an encoder takes.
 */
import { decodeSound } from './decode-sound.ts';
import { resample } from './resample.ts';
import { type BadSound, SOUND_LIMITS, type Sound, type SoundLimits } from './sound.ts';

export type ReadSoundOptions = {
  /** 16 kHz by default, which every supported encoder takes. */
  readonly sampleRateHz?: number | undefined;
  readonly limits?: SoundLimits | undefined;
};

/**
 * @param bytes - a whole sound file; see `decodeSound`
 * @returns one channel at `sampleRateHz`, or why there is none; a bad clip never throws
 */
export async function readSound(
  bytes: Uint8Array,
  { sampleRateHz = 16_000, limits = SOUND_LIMITS }: ReadSoundOptions = {},
): Promise<({ readonly ok: true } & Sound) | BadSound> {
  const sound = await decodeSound(bytes, limits);
  if (!sound.ok) return sound;
  return { ok: true, samples: resample(sound.samples, sound.sampleRateHz, sampleRateHz), sampleRateHz };
}
