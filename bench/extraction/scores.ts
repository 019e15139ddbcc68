/** The data sets' own metrics, over the listed attributes and over the full schema. */
import {
  type ExtractionScores,
  fullSchemaRows,
  listedRows,
  scoreExtraction,
} from '../../src/evaluation/metrics/extraction.ts';
import type { ExtractionProduct } from './rows.ts';

export const METRICS = ['listed', 'full schema'] as const;
export type Metric = (typeof METRICS)[number];

/** Predicted value of each attribute; left out where none is predicted. */
export type Predicted = Readonly<Record<string, string | undefined>>;

/** Micro-averaged. @param predicted - one a product */
export function scoreBy(
  metric: Metric,
  products: readonly ExtractionProduct[],
  predicted: readonly Predicted[],
  schema: ReadonlyMap<string, ReadonlySet<string>>,
): ExtractionScores {
  const examples = products.map(({ category, targets }, i) => ({
    category,
    targets,
    predicted: predicted[i]!,
  }));
  return scoreExtraction(metric === 'listed' ? listedRows(examples) : fullSchemaRows(examples, schema)).micro;
}
