/** A linear axis, with round numbers to label it by. */
import { share } from '../figure.ts';

export type Axis = {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly label: string;
  readonly format: (value: number) => string;
};

/** Widened to round numbers, 1, 2 or 5 times a power of ten apart. */
export function roundAxis(label: string, low: number, high: number, format: (value: number) => string): Axis {
  const rough = Math.max(high - low, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks, label, format };
}

/** From a share to 100 %. @param low - 0 when left out */
export function shareAxis(label: string, low = 0): Axis {
  const axis = roundAxis(label, Math.max(0, Math.min(low, 0.95)), 1, (part) => share(part, 0));
  return {
    ...axis,
    low: Math.max(0, axis.low),
    high: 1,
    ticks: axis.ticks.filter((tick) => tick >= 0 && tick <= 1),
  };
}

const DAY_MS = 86_400_000;

/** @param low - in milliseconds since 1970, as is `high` */
export function timeAxis(label: string, low: number, high: number): Axis {
  const end = Math.max(high, low + 1000);
  const ticks = [0, 1, 2, 3].map((i) => low + ((end - low) * i) / 3);
  const format = (at: number) =>
    end - low < 2 * DAY_MS
      ? new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
      : new Date(at).toLocaleDateString(undefined, { month: 'short', day: 'numeric' });
  return { low, high: end, ticks, label, format };
}
