/** When a figure that is watched becomes an alert: beyond its threshold, often enough, and not said a moment ago. */
import { monitoringError } from '../errors.ts';

/** What was measured at one time: signal -> figure, such as `drift/color (predicted)` -> 1. */
export type Check = {
  /** Seconds since 1970. */
  readonly time: number;
  readonly signals: Readonly<Record<string, number>>;
};

export type AlertRule = {
  readonly name: string;
  /** The signals that it judges, each by itself: this one, or all that begin with it and a slash. */
  readonly signal: string;
  /** A figure at or above it is beyond; or below it, where `direction` says so. */
  readonly threshold: number;
  readonly direction: 'at-least' | 'below';
  /** An alert needs `needed` of the last `checks` checks beyond; 1 of 1 fires at once. */
  readonly window: { readonly needed: number; readonly checks: number };
  /** How long after an alert the same one is not raised again, in seconds. */
  readonly coolDown: number;
};

export type Alert = {
  readonly time: number;
  readonly rule: string;
  readonly signal: string;
  readonly figure: number;
  readonly threshold: number;
  /** One sentence. */
  readonly message: string;
};

const DAY = 86_400;

export const DEFAULT_RULES: readonly AlertRule[] = [
  {
    name: 'drift',
    signal: 'drift',
    threshold: 1,
    direction: 'at-least',
    window: { needed: 1, checks: 1 },
    coolDown: DAY,
  },
  {
    name: 'estimated accuracy',
    signal: 'estimated-accuracy-drop',
    threshold: 0.05,
    direction: 'at-least',
    window: { needed: 1, checks: 1 },
    coolDown: DAY,
  },
  {
    name: 'measured accuracy',
    signal: 'measured-accuracy-drop',
    threshold: 0.05,
    direction: 'at-least',
    window: { needed: 1, checks: 1 },
    coolDown: DAY,
  },
];

/** @throws monitoring/bad-option where a window or a cool-down makes no sense */
export function requireRule({ name, window, coolDown, threshold }: AlertRule): void {
  const whole = Number.isInteger(window.needed) && Number.isInteger(window.checks);
  if (
    whole &&
    window.needed >= 1 &&
    window.needed <= window.checks &&
    coolDown >= 0 &&
    !Number.isNaN(threshold)
  )
    return;
  throw monitoringError(
    'monitoring/bad-option',
    `The alert "${name}" needs 1 to ${window.checks} of its last checks beyond a number, and a cool-down of 0 seconds or more. Got ${window.needed} of ${window.checks}, the threshold ${threshold} and ${coolDown} seconds.`,
  );
}

/**
 * The alerts that the last check raises.
 *
 * @param checks - in order of time, the last one is judged; a check without a signal says nothing of it
 * @param raised - earlier alerts
 * @throws monitoring/bad-option
 */
export function judgeChecks(
  rules: readonly AlertRule[],
  checks: readonly Check[],
  raised: readonly Alert[],
): readonly Alert[] {
  const last = checks.at(-1);
  if (last === undefined) return [];
  return rules.flatMap((rule) => {
    requireRule(rule);
    return Object.entries(last.signals).flatMap(([signal, figure]): Alert[] => {
      if (signal !== rule.signal && !signal.startsWith(`${rule.signal}/`)) return [];
      const figures = checks.flatMap(({ signals }) => (signal in signals ? [signals[signal]!] : []));
      const beyond = figures.slice(-rule.window.checks).filter((each) => isBeyond(rule, each)).length;
      if (!isBeyond(rule, figure) || beyond < rule.window.needed) return [];
      const said = raised.some(
        (alert) =>
          alert.rule === rule.name && alert.signal === signal && last.time - alert.time < rule.coolDown,
      );
      return said ? [] : [alertOf(rule, signal, figure, last.time, beyond)];
    });
  });
}

const isBeyond = ({ direction, threshold }: AlertRule, figure: number) =>
  direction === 'below' ? figure < threshold : figure >= threshold;

function alertOf(
  { name, threshold, direction, window, signal: base }: AlertRule,
  signal: string,
  figure: number,
  time: number,
  beyond: number,
): Alert {
  const of = signal === base ? '' : ` of ${signal.slice(base.length + 1)}`;
  const often = window.checks === 1 ? '' : `, in ${beyond} of the last ${window.checks} checks`;
  const words = direction === 'below' ? 'below' : 'at or above';
  const message = `${name}${of}: ${Number(figure.toPrecision(4))} is ${words} ${threshold}${often}.`;
  return { time, rule: name, signal, figure, threshold, message };
}
