/**
 * Triangular filters on a mel scale, as the feature extractors of speech models have them.
 *
 * Kaldi's triangles are straight in mel, the others' in hertz; Slaney's are scaled to equal area.
 * @see Stevens, Volkmann and Newman 1937 for the scale; O'Shaughnessy 1987 (HTK); Slaney 1998, "Auditory Toolbox"
 */

export type MelScale = 'htk' | 'kaldi' | 'slaney';

export type MelFilterOptions = {
  readonly mels: number;
  readonly fftLength: number;
  readonly sampleRateHz: number;
  readonly minHz: number;
  readonly maxHz: number;
  readonly scale: MelScale;
  /** Divide each filter by half its width in hertz. */
  readonly equalArea: boolean;
};

/** Filter m weighs the bins `first[m]`, `first[m] + 1`, ... by `weights[m]`; a filter between two bins has none. */
export type MelFilters = { readonly first: Int32Array; readonly weights: readonly Float64Array[] };

/** Equal to transformers' `mel_filter_bank` (triangles in mel where the scale is Kaldi's). */
export function melFilters(options: MelFilterOptions): MelFilters {
  const { mels, fftLength, sampleRateHz, scale } = options;
  const [low, high] = [hertzToMel(options.minHz, scale), hertzToMel(options.maxHz, scale)];
  const inMel = Array.from({ length: mels + 2 }, (_, m) => low + ((high - low) * m) / (mels + 1));
  const edges = scale === 'kaldi' ? inMel : inMel.map((mel) => melToHertz(mel, scale));
  const bins = Array.from({ length: fftLength / 2 + 1 }, (_, k) => {
    const hz = (k * sampleRateHz) / fftLength;
    return scale === 'kaldi' ? hertzToMel(hz, scale) : hz;
  });
  const first = new Int32Array(mels);
  const weights = Array.from({ length: mels }, (_, m) => {
    const [left, center, right] = [edges[m]!, edges[m + 1]!, edges[m + 2]!];
    const area = options.equalArea ? 2 / (right - left) : 1;
    const row = bins.map((bin) =>
      Math.max(0, area * Math.min((bin - left) / (center - left), (right - bin) / (right - center))),
    );
    const start = row.findIndex((weight) => weight > 0);
    if (start < 0) return new Float64Array(0);
    first[m] = start;
    return Float64Array.from(row.slice(start, row.findLastIndex((weight) => weight > 0) + 1));
  });
  return { first, weights };
}

const SLANEY_STEP = Math.log(6.4) / 27;

function hertzToMel(hz: number, scale: MelScale): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700);
  if (scale === 'kaldi') return 1127 * Math.log(1 + hz / 700);
  return hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / SLANEY_STEP;
}

function melToHertz(mel: number, scale: MelScale): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  if (scale === 'kaldi') return 700 * (Math.exp(mel / 1127) - 1);
  return mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp((mel - 15) * SLANEY_STEP);
}
