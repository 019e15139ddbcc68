/**
 * Which behaviour features there are, in which order: decided on the training data once, then the same at every time.
 */
import type { EventLog } from '../../catalog/events/event-log.ts';
import { sqlName, sqlText } from '../../catalog/sql.ts';
import { featureError } from '../errors.ts';

export type BehaviourOptions = {
  /** Days before the prediction's time that events are counted over; all events before it are counted as well. */
  readonly windowDays: readonly number[];
  /** Neighbours of each sort, at most. */
  readonly neighbours: number;
  /** Queries, at most. */
  readonly queries: number;
  /** Profile columns that buyers are described by; by default those with 2 to `profileValues` values. */
  readonly profile?: readonly string[] | undefined;
  /** Values of a profile column that are told apart; the rarer ones are one. */
  readonly profileValues: number;
  /** How many views the overall conversion rate weighs in a product's own. */
  readonly smoothing: number;
  /** A shopper's events with a longer pause belong to two sessions, where the log has none. */
  readonly sessionPauseMinutes: number;
};

export const BEHAVIOUR_OPTIONS: BehaviourOptions = {
  windowDays: [1, 7, 30, 90],
  neighbours: 10,
  queries: 10,
  profileValues: 12,
  smoothing: 20,
  sessionPauseMinutes: 30,
};

/** JSON. */
export type BehaviourEncoding = {
  readonly options: BehaviourOptions;
  readonly profile: readonly {
    readonly attribute: string;
    /** The most frequent first; what is none of them is "other". */
    readonly values: readonly string[];
  }[];
  /** Days that products' own times are rounded down to, whoever else is told with them; undefined where one time is that of all. */
  readonly stepDays?: number | undefined;
};

/** Seconds since 1970. */
export type Time = number;

/** @throws `features/behaviour-time`: to SQL every event would lie before a time that is no number */
export function requireTime(time: Time): void {
  if (Number.isFinite(time)) return;
  throw featureError(
    'features/behaviour-time',
    `Behaviour is told as of a time in seconds since 1970. Got ${time}.`,
    { hint: 'Is the date of the prediction one that can be read?', details: { time } },
  );
}

/**
 * Decides the features from what was known before `time`: a profile counts once its shopper has done something.
 *
 * @throws `features/behaviour-time`
 */
export async function fitBehaviour(
  log: EventLog,
  time: Time,
  options: Partial<BehaviourOptions> = {},
): Promise<BehaviourEncoding> {
  requireTime(time);
  const all = { ...BEHAVIOUR_OPTIONS, ...options };
  const profile: { attribute: string; values: string[] }[] = [];
  for (const attribute of all.profile ?? log.profileAttributes) {
    if (!log.profileAttributes.includes(attribute)) continue;
    const rows = await log.query(
      `SELECT s.${sqlName(attribute)} AS value, count(*)::INTEGER AS n FROM shoppers s
      WHERE value IS NOT NULL AND s.shopper IN (SELECT shopper FROM events WHERE time < ?)
      GROUP BY value ORDER BY n DESC, value LIMIT ?`,
      [time, all.profileValues + 1],
    );
    const isChosen = all.profile !== undefined;
    // A column of dates or names has too many values to tell buyers by.
    if (rows.length < 2 || (!isChosen && rows.length > all.profileValues)) continue;
    profile.push({ attribute, values: rows.slice(0, all.profileValues).map(({ value }) => String(value)) });
  }
  return { options: all, profile };
}

/** SQL of a profile column's value as its place in `values`; the number of values for others, null when not known. */
export function profilePlaceSql(column: string, values: readonly string[]): string {
  const cases = values.map((value, i) => `WHEN ${sqlText(value)} THEN ${i}`).join(' ');
  return `CASE WHEN ${column} IS NULL THEN NULL ELSE CASE ${column} ${cases} ELSE ${values.length} END END`;
}
