/**
 * The columns of several files as one list, with names that SQL can tell apart.
 */

/** A column of `rows`; `type` is DuckDB's name of its type, `VARCHAR` for every column of a CSV file. */
export type SourceColumn = { readonly name: string; readonly type: string };

/** Where the cells of one file go: for each of its columns, the place in `UnitedColumns.columns`. */
export type UnitedColumns = {
  readonly columns: readonly SourceColumn[];
  readonly places: readonly (readonly number[])[];
  readonly warnings: readonly string[];
};

/** Columns that the tables made of the files have beside the files' own. */
const RESERVED = ['_file', '_row', '_first', '_attributes'];

/**
 * Columns with one name are one column; where their types differ it is DOUBLE for numbers and VARCHAR else. A column
 * without a name is called by its place (`column_3`), a second one of a name within a file (SQL does not tell case
 * apart) gets a number (`size_2`).
 *
 * @param files - the columns of each file, in order
 */
export function uniteColumns(
  files: readonly { readonly path: string; readonly columns: readonly SourceColumn[] }[],
): UnitedColumns {
  const columns: { name: string; type: string }[] = [];
  const placeOf = new Map<string, number>();
  const warnings: string[] = [];
  const places = files.map(({ path, columns: own }) => {
    const taken = new Set(RESERVED);
    return own.map(({ name, type }, index) => {
      const wanted = name === '' ? `column_${index + 1}` : name;
      let unique = wanted;
      for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${wanted}_${n}`;
      taken.add(unique.toLowerCase());
      if (name !== '' && unique !== name)
        warnings.push(`${path}: a second column "${name}" is called "${unique}".`);
      const place = placeOf.get(unique.toLowerCase());
      if (place === undefined) {
        placeOf.set(unique.toLowerCase(), columns.length);
        return columns.push({ name: unique, type }) - 1;
      }
      columns[place]!.type = commonType(columns[place]!.type, type);
      return place;
    });
  });
  return { columns, places, warnings };
}

const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;

function commonType(a: string, b: string): string {
  if (a === b) return a;
  return NUMBERS.test(a) && NUMBERS.test(b) ? 'DOUBLE' : 'VARCHAR';
}
