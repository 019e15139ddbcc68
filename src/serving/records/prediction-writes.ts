/** A model's answers to a product, as the store takes them. */
import type { ProductPrediction } from '../../prediction/prediction.ts';
import type { PredictionWrite } from '../../store/predictions.ts';

/** @param contentHash - of the product as the model read it */
export function predictionWrites(
  productId: string,
  { attributes }: ProductPrediction,
  { name: model, version }: { readonly name: string; readonly version: string },
  contentHash: string,
): PredictionWrite[] {
  return Object.entries(attributes).map(([attribute, said]) => ({
    productId,
    attribute,
    model,
    version,
    kind: said.kind,
    value: said.value,
    unit: said.unit ?? null,
    notApplicable: said.notApplicable,
    confidence: said.confidence,
    status: said.status,
    source: 'model',
    evidence: said.evidence,
    alternatives: said.alternatives,
    contentHash,
  }));
}
