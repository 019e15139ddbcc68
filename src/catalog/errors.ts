/**
 * What the catalog refuses: the codes of this folder, each with one sentence of meaning (docs/errors.md is made of
 * this table). A bad row is no error: it goes to the rejects.
 */
export const CATALOG_ERRORS = {
  'catalog/file-missing': 'A data file, or every file of a pattern, is not there.',
  'catalog/file-unreadable': 'A data file is there but cannot be opened or read.',
  'catalog/file-empty': 'A data file holds no bytes, or a header and no rows.',
  'catalog/format-unknown': 'The file name does not tell the format, and none was given.',
  'catalog/format-broken': 'A file is not what its name says: broken Parquet, gzip, CSV or JSON.',
  'catalog/encoding': 'A file is not UTF-8, or not in the encoding that was given.',
  'catalog/header-missing': 'A CSV file has no usable header line.',
  'catalog/column-missing': 'A column that was asked for is not in the file.',
  'catalog/layout': 'The rows do not have the layout that was asked for.',
  'catalog/no-products': 'Every row was rejected, or no side of the split got a product.',
  'catalog/output-exists': 'A file that would be written is there already and is not ours to replace.',
  'catalog/output-unwritable': 'A folder or file cannot be written.',
  'catalog/disk-full': 'The disk filled up while writing; nothing half-written was left.',
  'catalog/out-of-memory': 'DuckDB needed more memory than its limit allows.',
  'catalog/query': 'DuckDB refused a query; a fault in Attune, or a file that changed while it was read.',
} as const;

export type CatalogErrorCode = keyof typeof CATALOG_ERRORS;
