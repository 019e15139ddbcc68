import { type Html, html } from '../html.ts';

export type Column<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => string | Html | undefined;
  /** Numbers stand right, under one another. */
  readonly numeric?: true;
  /** Sentences need room on a narrow page. */
  readonly words?: true;
  /** The cell that names its row. */
  readonly header?: true;
};

/** A table that scrolls sideways where the page is narrow; nothing without rows. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Html | undefined {
  if (rows.length === 0) return undefined;
  const kind = (column: Column<Row>) => (column.numeric ? 'num' : column.words ? 'words' : 'txt');
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((c) => html`<th scope="col" class="${kind(c)}">${c.name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${columns.map((c) =>
      c.header
        ? html`<th scope="row" class="${kind(c)}">${c.cell(row)}</th>`
        : html`<td class="${kind(c)}">${c.cell(row)}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;
}

/** Text of a merchant's, in whatever direction its script runs. */
export function said(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}
