import {
  type Confusion,
  type ConfusionMatrix,
  denseConfusion,
  topConfusions,
} from '../../metrics/confusion-matrix.ts';
import { countFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import { said, table } from './table.ts';

/** A matrix with more labels is unreadable: the rarest are summed and the top confusions listed. */
const MOST_LABELS = 12;
const MOST_CONFUSIONS = 12;

/** Which values are taken for which. */
export function confusionSection(matrix: ConfusionMatrix): Html | undefined {
  if (matrix.labels.length === 0) return undefined;
  const confusions = topConfusions(matrix, MOST_CONFUSIONS);
  const heading = html`<h4>Confusion</h4>`;
  if (confusions.length === 0) return html`${heading}<p class="note">No value was taken for another.</p>`;
  return html`${heading}<div class="columns">${heat(matrix)}${table<Confusion>(
    'Most frequent confusions',
    [
      { name: 'truth', cell: (c) => said(c.truth) },
      { name: 'answered', cell: (c) => said(c.predicted) },
      { name: 'rows', numeric: true, cell: (c) => countFigure(c.count) },
    ],
    confusions,
  )}</div>`;
}

/** The matrix with each cell tinted by its share of the row. */
function heat(matrix: ConfusionMatrix): Html {
  const rest = `${matrix.labels.length - MOST_LABELS + 1} others`;
  const { labels, counts } = denseConfusion(matrix, MOST_LABELS, rest);
  const caption = 'Rows by truth (down) and answer (across)';
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="heat">
<caption>${caption}</caption>
<thead><tr><th></th>${labels.map((label) => html`<th scope="col" class="across">${said(label)}</th>`)}</tr></thead>
<tbody>${counts.map((row, t) => {
    const total = Math.max(
      1,
      row.reduce((sum, n) => sum + n, 0),
    );
    return html`<tr><th scope="row">${said(labels[t]!)}</th>${row.map((count, p) => cell(count, count / total, t === p))}</tr>
`;
  })}</tbody></table></div>`;
}

function cell(count: number, share: number, right: boolean): Html {
  if (count === 0) return html`<td class="num zero">·</td>`;
  const weight = Math.round(8 + 62 * share);
  return html`<td class="num ${right ? 'right' : 'wrong'}" style="--w:${weight}%">${countFigure(count)}</td>`;
}
