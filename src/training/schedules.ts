/** Learning-rate schedules: pure functions of the step, as transformers' `get_*_schedule_with_warmup`. */
export const SCHEDULES = ['constant', 'linear', 'cosine'] as const;
export type ScheduleKind = (typeof SCHEDULES)[number];

export type Schedule = {
  readonly kind: ScheduleKind;
  /** Steps over which the factor climbs from 0 to 1. */
  readonly warmupSteps: number;
  /** Steps of the whole run; linear and cosine reach 0 here. */
  readonly totalSteps: number;
};

/** Factor of the learning rate, in [0, 1], at a step counted from 0. */
export function scheduleFactor({ kind, warmupSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  if (kind === 'constant') return 1;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return kind === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
}
