/**
 * A sound as numbers, and what is said of a clip that gives none. A bad clip is an expected outcome, so it is a return
 * value: the caller sets its product's sound aside and goes on.
 */

/** Samples of one channel, full scale at -1 and 1. */
export type Sound = {
  /** [samples] float32, finite; at least one. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
};

export type SoundFormat = 'wav' | 'flac' | 'mp3' | 'vorbis' | 'opus';

/** Why a clip gives no sound; each with what a merchant reads in the list of rejects. */
export const SOUND_FAULTS = {
  empty: 'the clip is empty (0 bytes)',
  'too-large': 'the clip has more bytes than the limit',
  'too-long': 'the clip plays longer than the limit',
  'too-many-channels': 'the clip has more channels than the limit',
  'not-sound': 'the content is no WAV, FLAC, MP3 or OGG sound, whatever the name says',
  'encoding-unsupported': 'the format is known, but not the encoding of the sound in it',
  truncated: 'the clip ends before the end that it announces',
  broken: 'the clip cannot be decoded',
  'no-samples': 'the clip is well-formed, but holds no sample',
} as const;
export type SoundFault = keyof typeof SOUND_FAULTS;

export type BadSound = {
  readonly ok: false;
  readonly code: SoundFault;
  /** A sentence part with what was found, for the list of rejects. */
  readonly reason: string;
};

export type DecodedSound =
  | ({
      readonly ok: true;
      readonly format: SoundFormat;
      /** Of the file; `samples` are their mean. */
      readonly channels: number;
    } & Sound)
  | BadSound;

export type SoundLimits = {
  readonly maxBytes: number;
  readonly maxSeconds: number;
  readonly maxChannels: number;
};

/** Product clips are short; what is longer is a mistake, or meant to fill the memory. */
export const SOUND_LIMITS: SoundLimits = { maxBytes: 64 * 1024 * 1024, maxSeconds: 600, maxChannels: 8 };

export function badSound(code: SoundFault, detail?: string): BadSound {
  return {
    ok: false,
    code,
    reason: detail === undefined ? SOUND_FAULTS[code] : `${SOUND_FAULTS[code]}: ${detail}`,
  };
}

/** What a header announces, against the limits; undefined when it may be decoded. */
export function overLimits(
  header: { readonly channels: number; readonly sampleRateHz: number; readonly frames?: number | undefined },
  limits: SoundLimits,
): BadSound | undefined {
  const { channels, sampleRateHz, frames } = header;
  if (channels < 1) return badSound('broken', 'it announces no channel');
  if (channels > limits.maxChannels)
    return badSound('too-many-channels', `${channels}, the limit is ${limits.maxChannels}`);
  if (sampleRateHz < 1000 || sampleRateHz > 768_000)
    return badSound('encoding-unsupported', `${sampleRateHz} samples a second; 1,000 to 768,000 are read`);
  const seconds = (frames ?? 0) / sampleRateHz;
  if (seconds > limits.maxSeconds)
    return badSound('too-long', `${Math.round(seconds)} s, the limit is ${limits.maxSeconds} s`);
  return undefined;
}
