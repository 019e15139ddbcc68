import type { AttributeResult } from '../evaluation/attribute-result.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import type { AttributeFigures } from '../serving/api/figures.ts';

/** What a bundle says of its test products, as the service tells it. */
export function figuresOfBundle({ metrics }: Pick<BundleFile, 'metrics'>): readonly AttributeFigures[] {
  return (metrics.test as readonly AttributeResult[]).map((result) => ({
    attribute: result.attribute,
    kind: result.kind,
    products: result.count,
    accuracy: result.accuracy ?? null,
    accuracyInterval: bounds(result.accuracyInterval),
    precision: result.precision ?? null,
    recall: result.recall ?? null,
    microF1: result.microF1 ?? null,
    meanAbsoluteError: result.meanAbsoluteError ?? null,
    unit: result.unit ?? null,
    threshold: result.threshold ?? null,
    coverage: result.coverage ?? null,
    acceptedPrecision: result.acceptedPrecision ?? null,
  }));
}

function bounds(interval: AttributeResult['accuracyInterval']): AttributeFigures['accuracyInterval'] {
  return interval === undefined ? null : { low: interval.low, high: interval.high };
}
