/** Labels that a model doubts so much that a person should look. */

/** One labelled product, and what a model that was not trained on it thinks. */
export type JudgedLabel = {
  readonly id: string;
  readonly label: string;
  /** Value -> probability, that of the label among them unless it is 0. Of a model that did not see the label. */
  readonly probabilities: ReadonlyMap<string, number>;
};

type Doubted = {
  readonly id: string;
  readonly label: string;
  /** What the model would say. */
  readonly instead: string;
};

export type LabelSuspect = Doubted & {
  /** The model's probability of the label, in [0, 1], of several values that of the least likely; the least first. */
  readonly confidence: number;
};

export type NumberSuspect = Doubted & {
  /** How many standard deviations of the usual error it is away from what the model would say; the most first. */
  readonly deviations: number;
};

export type Suspect = LabelSuspect | NumberSuspect;

/**
 * Confident learning: a label is suspect where another value is more probable than it usually is among the products labelled
 * with it. The bar is each value's own, so that a model that is unsure of a value does not make all its labels suspect.
 *
 * @returns the suspects, the label that the model believes least first
 * @see Northcutt, Jiang and Chuang 2021, https://arxiv.org/abs/1911.00068; cleanlab's `filter_by="confident_learning"`
 */
export function suspectLabels(judged: readonly JudgedLabel[]): readonly LabelSuspect[] {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { label, probabilities } of judged) {
    const known = sums.get(label) ?? { sum: 0, count: 0 };
    known.sum += probabilities.get(label) ?? 0;
    known.count++;
    sums.set(label, known);
  }
  const suspects: LabelSuspect[] = [];
  for (const { id, label, probabilities } of judged) {
    let instead: string | undefined;
    let best = 0;
    for (const [value, probability] of probabilities) {
      const usual = sums.get(value);
      if (usual === undefined || probability < usual.sum / usual.count || probability <= best) continue;
      best = probability;
      instead = value;
    }
    if (instead === undefined || instead === label) continue;
    suspects.push({ id, label, instead, confidence: probabilities.get(label) ?? 0 });
  }
  return leastBelieved(suspects);
}

/** Several labels of one product, each with a probability of its own. */
export type JudgedSet = {
  readonly id: string;
  readonly labels: readonly string[];
  /** Value -> probability that the product has it; one that is left out has none. */
  readonly probabilities: ReadonlyMap<string, number>;
};

/**
 * Confident learning of each value by itself, against its absence: a value is suspect where it is labelled and its absence is likelier than it
 * usually is among the products without it, or the other way round. All that is doubted of a product is one suspect.
 * @see Northcutt et al. 2021 as above, one value against the rest; cleanlab's `multilabel_classification.filter`
 */
export function suspectSets(judged: readonly JudgedSet[]): readonly LabelSuspect[] {
  const values = new Set(judged.flatMap(({ labels }) => labels));
  const doubted = new Map<string, { flipped: Set<string>; confidence: number }>();
  for (const value of values) {
    const [there, absent] = [`1${value}`, `0${value}`];
    const binary = judged.map(({ labels, probabilities }, i) => {
      const probability = probabilities.get(value) ?? 0;
      return {
        id: String(i),
        label: labels.includes(value) ? there : absent,
        probabilities: new Map([
          [there, probability],
          [absent, 1 - probability],
        ]),
      };
    });
    for (const { id, confidence } of suspectLabels(binary)) {
      // Of a rare value hardly any probability is unusual.
      if (confidence >= 0.5) continue;
      const before = doubted.get(id) ?? { flipped: new Set(), confidence: 1 };
      before.flipped.add(value);
      doubted.set(id, { ...before, confidence: Math.min(before.confidence, confidence) });
    }
  }
  return leastBelieved(
    [...doubted].map(([i, { flipped, confidence }]) => {
      const { id, labels } = judged[Number(i)]!;
      const rather = [
        ...labels.filter((label) => !flipped.has(label)),
        ...[...flipped].filter((value) => !labels.includes(value)).sort(),
      ];
      return { id, label: listed(labels), instead: listed(rather), confidence };
    }),
  );
}

/**
 * Pieces of texts have no values that come again, so the bar is that of the attribute: a label is suspect where another piece is likelier than the
 * labels of the attribute usually are.
 */
export function suspectPieces(judged: readonly JudgedSet[]): readonly LabelSuspect[] {
  const own = judged.map(({ labels, probabilities }) =>
    Math.max(0, ...labels.map((label) => probabilityOf(label, probabilities))),
  );
  const bar = own.reduce((sum, one) => sum + one, 0) / Math.max(1, own.length);
  return leastBelieved(
    judged.flatMap(({ id, labels, probabilities }, i) => {
      const [best] = [...probabilities].sort((a, b) => b[1] - a[1]);
      if (best === undefined || best[1] < bar || labels.some((label) => isSame(label, best[0]))) return [];
      return best[1] > own[i]! ? [{ id, label: listed(labels), instead: best[0], confidence: own[i]! }] : [];
    }),
  );
}

export type JudgedNumber = { readonly id: string; readonly label: number; readonly predicted: number };

/** Standard deviations beyond which a value is an outlier. */
const OUTLIER = 3.5;
/** Fewer errors do not tell what is usual. */
const LEAST_NUMBERS = 20;
const MAD_TO_DEVIATION = 1.4826;

/**
 * Numbers that are further from what the model would say than its errors explain, by their median and their median absolute deviation, which a few
 * wrong labels do not move. Errors are shares (differences of logarithms) where all numbers are above 0.
 * @param tolerance - the share of the label within which a number is right: what is right is never suspect
 * @see Iglewicz and Hoaglin 1993, "How to Detect and Handle Outliers": modified z-scores above 3.5
 */
export function suspectNumbers(
  judged: readonly JudgedNumber[],
  tolerance: number,
  unit = '',
): readonly NumberSuspect[] {
  if (judged.length < LEAST_NUMBERS) return [];
  const positive = judged.every(({ label, predicted }) => label > 0 && predicted > 0);
  const errors = judged.map(({ label, predicted }) =>
    positive ? Math.log(label) - Math.log(predicted) : label - predicted,
  );
  const middle = medianOf(errors);
  const scale = MAD_TO_DEVIATION * medianOf(errors.map((error) => Math.abs(error - middle)));
  const text = (number: number) => `${Number(number.toPrecision(6))}${unit && ` ${unit}`}`;
  return judged
    .flatMap(({ id, label, predicted }, i): NumberSuspect[] => {
      const deviations = Math.abs(errors[i]! - middle) / Math.max(scale, Number.MIN_VALUE);
      const isRight = Math.abs(predicted - label) <= tolerance * Math.abs(label);
      if (isRight || deviations <= OUTLIER) return [];
      const told = Math.min(deviations, Number.MAX_SAFE_INTEGER);
      return [{ id, label: text(label), instead: text(predicted), deviations: told }];
    })
    .sort((a, b) => b.deviations - a.deviations || (a.id < b.id ? -1 : 1));
}

const leastBelieved = (suspects: readonly LabelSuspect[]) =>
  [...suspects].sort((a, b) => a.confidence - b.confidence || (a.id < b.id ? -1 : 1));

const listed = (values: readonly string[]) => (values.length === 0 ? '(none)' : values.join(', '));
const isSame = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
const probabilityOf = (label: string, probabilities: ReadonlyMap<string, number>) =>
  [...probabilities].reduce((sum, [value, probability]) => sum + (isSame(label, value) ? probability : 0), 0);

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return half % 1 === 0 ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}
