/** The data sets' own metrics, over the listed attributes and over the full schema. */
import { fullSchemaRows, listedRows, scoreExtraction } from '../../src/evaluation/metrics/extraction.ts';
import type { ExtractionProduct } from './rows.ts';

export const METRICS = ['listed', 'full schema'] as const;
export type Metric = (typeof METRICS)[number];

/** Predicted value of each attribute; left out where none is predicted. */
export type Predicted = Readonly<Record<string, string | undefined>>;

export type Scores = {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly macroF1: number;
};

/** Micro-averaged; `macroF1` is the mean over (category, attribute) pairs. @param predicted - one a product */
export function scoreBy(
  metric: Metric,
  products: readonly ExtractionProduct[],
  predicted: readonly Predicted[],
  schema: ReadonlyMap<string, ReadonlySet<string>>,
): Scores {
  const examples = products.map(({ category, targets }, i) => ({
    category,
    targets,
    predicted: predicted[i]!,
  }));
  const rows = metric === 'listed' ? listedRows(examples) : fullSchemaRows(examples, schema);
  const { micro, macro } = scoreExtraction(rows);
  return { precision: micro.precision, recall: micro.recall, f1: micro.f1, macroF1: macro.f1 };
}
