/** What a model was trained on and what it said of products that it was not trained on, to compare later days with. */
import { monitoringError } from './errors.ts';
import { KnownIds, type KnownIdsData } from './summary/known-ids.ts';
import { parseSummary, type Summary } from './summary/summarise.ts';

export type Reference = {
  /** Of all products. */
  readonly products: Summary;
  /** Of what the model said of products that it was not trained on. */
  readonly predictions: Summary;
  /** Products that it was trained on: of those it is surer than of others, so that they are left out of what is compared. */
  readonly trainedOn: KnownIds;
};

type ReferenceData = {
  readonly products: Summary;
  readonly predictions: Summary;
  readonly trainedOn: KnownIdsData;
};

/** In a bundle. */
export const REFERENCE_FILE = 'reference.json';

export function writeReference({ products, predictions, trainedOn }: Reference): string {
  const data: ReferenceData = { products, predictions, trainedOn: trainedOn.data() };
  return `${JSON.stringify(data)}\n`;
}

/** @throws monitoring/reference-invalid */
export function readReference(text: string, where: string): Reference {
  let data: Partial<ReferenceData>;
  try {
    data = JSON.parse(text) as Partial<ReferenceData>;
  } catch (cause) {
    throw invalid(where, 'it is no JSON', cause);
  }
  const { products, predictions, trainedOn } = data ?? {};
  if (typeof trainedOn?.bits !== 'string')
    throw invalid(where, 'it does not say what the model was trained on');
  return {
    products: parseSummary(products, where),
    predictions: parseSummary(predictions, where),
    trainedOn: KnownIds.from(trainedOn),
  };
}

function invalid(where: string, why: string, cause?: unknown) {
  return monitoringError(
    'monitoring/reference-invalid',
    `${where} is no reference to compare with: ${why}.`,
    {
      cause,
      hint: 'Train the model again, or compare with a file of products (`--reference`).',
    },
  );
}
