/** A linear axis from data to drawing units, with round numbers to label it by. */
export type Axis = {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly label: string;
  readonly format: (value: number) => string;
};

/**
 * The axis of a range, widened to round ticks (1, 2 or 5 times a power of ten apart).
 *
 * A range that is next to nothing beside its numbers is drawn as one number, a tenth of its size wide.
 * @param wanted - about how many ticks
 */
export function roundAxis(
  label: string,
  low: number,
  high: number,
  format: (value: number) => string,
  wanted = 5,
): Axis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const flat = high - low <= 1e-6 * size + 1e-12;
  const spread = flat ? Math.max(1e-9, 0.1 * size) : high - low;
  const rough = spread / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil((flat ? low + spread : high) / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks, label, format };
}

/** Whole numbers from `low` to `high`, at most about ten of them labelled. */
export function countingAxis(label: string, low: number, high: number): Axis {
  const stride = Math.max(1, Math.ceil((high - low) / 10));
  const ticks: number[] = [];
  for (let tick = low; tick <= high; tick += stride) ticks.push(tick);
  return { low, high: Math.max(high, low + 1), ticks, label, format: String };
}

/** A share from `low` to 1, labelled in percent. */
export function shareAxis(label: string, low = 0): Axis {
  const axis = roundAxis(label, Math.min(low, 0.95), 1, (share) => `${Number((100 * share).toFixed(1))} %`);
  return { ...axis, high: 1, ticks: axis.ticks.filter((tick) => tick <= 1) };
}
