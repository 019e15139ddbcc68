import { shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import { aloneHeading, MODALITIES_LEGEND } from '../render-modalities.ts';
import type { AttributeReport, ReportData } from '../report-data.ts';
import { said, table } from './table.ts';

/** What the pictures, the sounds, the numbers and the text are worth; nothing for a model that reads one of them. */
export function modalitiesSection({ attributes, alone = [] }: ReportData): Html | undefined {
  if (alone.length === 0) return undefined;
  return html`<section id="modalities"><h2>Modalities</h2>
<p>Micro F1 on the test products of the whole model, and of the same model with all modalities hidden but one. ${MODALITIES_LEGEND}</p>
${table<AttributeReport>(
  'What each modality gives',
  [
    { name: 'attribute', header: true, cell: ({ result }) => said(result.attribute) },
    { name: 'all', numeric: true, cell: ({ result }) => shareFigure(result.microF1) },
    ...alone.map((one) => ({
      name: aloneHeading(one),
      numeric: true as const,
      cell: ({ result }: AttributeReport) => shareFigure(one.microF1[result.attribute]),
    })),
  ],
  attributes,
)}</section>`;
}
