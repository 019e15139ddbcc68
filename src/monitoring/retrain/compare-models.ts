/** Whether a challenger should take the champion's place: better with confidence, and nowhere worse. */
import { Random } from '../../base/random.ts';
import { binomialCdf } from '../../evaluation/intervals/binomial.ts';
import { quantile } from '../../evaluation/intervals/bootstrap.ts';
import { correctedPValues } from '../statistics/many-tests.ts';

/** One answer that both models gave to the same product, and whether each was right. */
export type PairedRow = {
  readonly product: string;
  readonly attribute: string;
  /** `test`: the fixed test products; `reviews`: recent reviews that the challenger did not learn from. */
  readonly set: 'test' | 'reviews';
  readonly category: string | undefined;
  readonly champion: boolean;
  readonly challenger: boolean;
};

export type PairedScores = {
  readonly name: string;
  readonly rows: number;
  /** Shares of right answers. */
  readonly champion: number;
  readonly challenger: number;
  /** Rows that only one of both has right. */
  readonly won: number;
  readonly lost: number;
};

export type Verdict = {
  readonly promote: boolean;
  /** Why, or why not, in a sentence each. */
  readonly reasons: readonly string[];
  /** The difference of accuracy, challenger less champion, over all rows, and its interval by the paired bootstrap over products. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly sets: readonly PairedScores[];
  /** Slices of an attribute and a category, the worst first. */
  readonly slices: readonly (PairedScores & { readonly pValue: number; readonly worse: boolean })[];
};

export type VerdictOptions = {
  readonly seed: number;
  /** Confidence of the interval; 0.95 when left out. */
  readonly level?: number;
  /** How much worse the challenger may be on the test products, in accuracy; 0.01 when left out. */
  readonly tolerance?: number;
};

const RESAMPLES = 2000;
const SIGNIFICANCE = 0.05;
/** A slice with fewer rows is not judged by itself. */
const LEAST_SLICE_ROWS = 10;

/**
 * The challenger is promoted if the whole interval of the difference lies above 0; it is not worse than the champion on the test
 * products by more than the tolerance; and no slice is worse by McNemar's exact test, one-sided, with Holm's correction for the number
 * of slices. Products are drawn whole, so that several answers of one do not pass for independent evidence.
 *
 * @see McNemar 1947; Efron 1979
 */
export function judgeChallenger(
  rows: readonly PairedRow[],
  { seed, level = 0.95, tolerance = 0.01 }: VerdictOptions,
): Verdict {
  const sets = (['test', 'reviews'] as const)
    .map((set) =>
      scoresOf(
        set,
        rows.filter((row) => row.set === set),
      ),
    )
    .filter((scores) => scores.rows > 0);
  const slices = judgedSlices(rows);
  const { difference, low, high } = pairedBootstrap(rows, seed, level);
  const against: string[] = [];
  if (rows.length === 0) against.push('There is no product with known values to compare the models on.');
  else if (!(low > 0))
    against.push(
      `It is not better with confidence: ${points(difference)} of accuracy, ${Math.round(level * 100)}% interval ${points(low)} to ${points(high)}.`,
    );
  const test = sets.find(({ name }) => name === 'test');
  if (test && test.challenger < test.champion - tolerance)
    against.push(
      `It is worse on the test products: ${share(test.challenger)} against ${share(test.champion)} of ${test.rows}.`,
    );
  for (const slice of slices.filter(({ worse }) => worse))
    against.push(
      `It is worse at ${slice.name}: ${share(slice.challenger)} against ${share(slice.champion)} of ${slice.rows}.`,
    );
  const reasons =
    against.length > 0
      ? against
      : [
          `It is better by ${points(difference)} of accuracy, ${Math.round(level * 100)}% interval ${points(low)} to ${points(high)}, and worse nowhere.`,
        ];
  return { promote: against.length === 0, reasons, difference, low, high, sets, slices };
}

function scoresOf(name: string, rows: readonly PairedRow[]): PairedScores {
  const count = (is: (row: PairedRow) => boolean) => rows.filter(is).length;
  const total = Math.max(1, rows.length);
  return {
    name,
    rows: rows.length,
    champion: count(({ champion }) => champion) / total,
    challenger: count(({ challenger }) => challenger) / total,
    won: count(({ champion, challenger }) => challenger && !champion),
    lost: count(({ champion, challenger }) => champion && !challenger),
  };
}

function judgedSlices(rows: readonly PairedRow[]): Verdict['slices'] {
  const groups = new Map<string, PairedRow[]>();
  for (const row of rows) {
    const keys = [
      row.attribute,
      ...(row.category === undefined ? [] : [`${row.attribute} in ${row.category}`]),
    ];
    for (const key of keys) {
      const group = groups.get(key) ?? [];
      group.push(row);
      groups.set(key, group);
    }
  }
  const judged = [...groups]
    .filter(([, group]) => group.length >= LEAST_SLICE_ROWS)
    .map(([name, group]) => {
      const scores = scoresOf(name, group);
      // P(at least so many lost) where losing and winning are equally likely.
      const pValue = 1 - binomialCdf(scores.lost - 1, scores.won + scores.lost, 0.5);
      return { ...scores, pValue };
    });
  const corrected = correctedPValues(
    judged.map(({ pValue }) => pValue),
    'holm',
  );
  return judged
    .map((slice, i) => ({ ...slice, worse: slice.lost > slice.won && corrected[i]! < SIGNIFICANCE }))
    .sort((a, b) => a.pValue - b.pValue);
}

function pairedBootstrap(rows: readonly PairedRow[], seed: number, level: number) {
  const products = new Map<string, { sum: number; count: number }>();
  for (const { product, champion, challenger } of rows) {
    const own = products.get(product) ?? { sum: 0, count: 0 };
    own.sum += Number(challenger) - Number(champion);
    own.count++;
    products.set(product, own);
  }
  const all = [...products.values()];
  const mean = (of: readonly { readonly sum: number; readonly count: number }[]) => {
    let [sum, count] = [0, 0];
    for (const each of of) {
      sum += each.sum;
      count += each.count;
    }
    return count === 0 ? 0 : sum / count;
  };
  const random = new Random(seed, 0xcc);
  const draws = Array.from({ length: RESAMPLES }, () =>
    mean(all.length === 0 ? [] : all.map(() => random.pick(all))),
  ).sort((a, b) => a - b);
  return {
    difference: mean(all),
    low: quantile(draws, (1 - level) / 2),
    high: quantile(draws, (1 + level) / 2),
  };
}

const points = (difference: number) => `${difference > 0 ? '+' : ''}${(100 * difference).toFixed(1)} points`;
const share = (value: number) => `${(100 * value).toFixed(1)}%`;
