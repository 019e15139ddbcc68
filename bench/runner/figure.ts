/** One measured figure; `ratio` is above 1 when we are better than the peer. */
export type Figure = {
  /** The work and our precision: `16x64 all fp32`, `embed int8`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The peer and its precision: `pytorch bf16`. */
  readonly peer?: string;
  readonly peerValue?: number;
  readonly ratio?: number;
};

/** A figure beside a peer's, the ratio oriented by whether more or less is better. */
export function beside(
  name: string,
  unit: string,
  ours: number,
  peer: { readonly name: string; readonly value: number },
  better: 'more' | 'less' = 'more',
): Figure {
  const ratio = better === 'more' ? ours / peer.value : peer.value / ours;
  return { name, value: ours, unit, peer: peer.name, peerValue: peer.value, ratio };
}

/** The middle value; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
