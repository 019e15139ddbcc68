import { displayWidth, fitWidth } from './display-width.ts';

export type TextColumn = { readonly name: string; readonly align: 'left' | 'right' };

/** The first column, which names the rows, is cut beyond this. */
const MOST_NAME_COLUMNS = 32;

/**
 * A table for a terminal, aligned by display width.
 * @param total - whether the last row stands under a rule
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  { total = false }: { readonly total?: boolean } = {},
): string {
  const widths = columns.map((column, i) => {
    const widest = Math.max(displayWidth(column.name), ...rows.map((row) => displayWidth(row[i]!)));
    return i === 0 ? Math.min(MOST_NAME_COLUMNS, widest) : widest;
  });
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => fitWidth(cell, widths[i]!, columns[i]!.align))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const body = rows.map(line);
  if (total) body.splice(-1, 0, rule);
  return `${[line(columns.map((c) => c.name)), rule, ...body].join('\n')}\n`;
}
