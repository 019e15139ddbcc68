/** A table of figures, which scrolls by itself where the screen is narrow. */
import type { ReactNode } from 'react';

export type Column<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** Whether it says what the row is about. */
  readonly heads?: boolean;
};

export function FigureTable<Row>({
  caption,
  columns,
  rows,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has a keyboard only must be able to scroll it
    <section className="wide" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="heard">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and do not move
            <tr key={i}>
              {columns.map(({ name, cell, heads = false }) =>
                heads ? (
                  <th key={name} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={name}>{cell(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
