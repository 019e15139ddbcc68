import type { AttributeResult } from '../attribute-result.ts';
import { printable } from './display-width.ts';
import { points } from './render-tables.ts';
import { textTable } from './text-table.ts';

/** How a model does that sees one of its modalities alone. */
export type ModalityAlone = {
  readonly modality: string;
  /** Attribute -> micro F1 on the test products, 0 to 1; an attribute that cannot be answered so is left out. */
  readonly microF1: Readonly<Record<string, number>>;
};

/** In place of a modality: all are hidden, so that what is answered is what is commonest. */
export const NOTHING = 'nothing';

/** The heading of a column of figures. */
export const aloneHeading = ({ modality }: ModalityAlone) =>
  modality === NOTHING ? NOTHING : `${printable(modality)} alone`;

/** How to read the columns. */
export const MODALITIES_LEGEND =
  'Where one column comes near "all", that modality is enough; where "all" is above each, it takes several. What is no better than "nothing" tells nothing: that is what is right without a look at the product.';

/** What each modality gives: micro F1 of the whole model beside that of the model with all others hidden. */
export function renderModalities(
  results: readonly AttributeResult[],
  alone: readonly ModalityAlone[],
): string {
  const columns = ['attribute', 'all', ...alone.map(aloneHeading)];
  return textTable(
    columns.map((name, i) => ({ name, align: i === 0 ? 'left' : 'right' })),
    results.map(({ attribute, microF1 }) => [
      printable(attribute),
      points(microF1),
      ...alone.map((one) => points(one.microF1[attribute])),
    ]),
  );
}
