/** Labels that a model doubts so much that a person should look. */

/** One labelled product, and what a model that was not trained on it thinks. */
export type JudgedLabel = {
  readonly id: string;
  readonly label: string;
  /** Value -> probability, that of the label among them unless it is 0. Of a model that did not see the label. */
  readonly probabilities: ReadonlyMap<string, number>;
};

export type Suspect = {
  readonly id: string;
  readonly label: string;
  /** What the model would say. */
  readonly instead: string;
  /** The model's probability of the label, in [0, 1]; the least first. */
  readonly confidence: number;
};

/**
 * Confident learning: a label is suspect where another value is more probable than it usually is among the products labelled
 * with it. The bar is each value's own, so that a model that is unsure of a value does not make all its labels suspect.
 *
 * @returns the suspects, the label that the model believes least first
 * @see Northcutt, Jiang and Chuang 2021, https://arxiv.org/abs/1911.00068; cleanlab's `filter_by="confident_learning"`
 */
export function suspectLabels(judged: readonly JudgedLabel[]): readonly Suspect[] {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { label, probabilities } of judged) {
    const known = sums.get(label) ?? { sum: 0, count: 0 };
    known.sum += probabilities.get(label) ?? 0;
    known.count++;
    sums.set(label, known);
  }
  const suspects: Suspect[] = [];
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
  return suspects.sort((a, b) => a.confidence - b.confidence || (a.id < b.id ? -1 : 1));
}
