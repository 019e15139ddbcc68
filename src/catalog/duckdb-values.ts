/**
 * DuckDB's values as plain JavaScript: whole numbers as numbers where they are exact (else as decimal strings), dates
 * and times as ISO text, lists as arrays, structs and maps as objects, binary columns as bytes.
 */
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';

export function plainValue(value: DuckDBValue): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value.toString();
    }
    default:
      return value === null || value === undefined ? null : plainObject(value);
  }
}

function plainObject(value: DuckDBValue): unknown {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map((item) => plainValue(item));
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, plainValue(item)]));
  }
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(
      value.entries.map(({ key, value: item }) => [String(plainValue(key)), plainValue(item)]),
    );
  }
  if (value instanceof DuckDBBlobValue) {
    const { buffer, byteOffset, length } = value.bytes;
    return new Uint8Array(buffer, byteOffset, length);
  }
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (isTimestamp(value)) return isoTimestamp(String(value));
  if (value instanceof DuckDBDateValue) return String(value);
  return String(value);
}

function isTimestamp(value: DuckDBValue): boolean {
  return (
    value instanceof DuckDBTimestampValue ||
    value instanceof DuckDBTimestampTZValue ||
    value instanceof DuckDBTimestampSecondsValue ||
    value instanceof DuckDBTimestampMillisecondsValue ||
    value instanceof DuckDBTimestampNanosecondsValue
  );
}

/** `2024-01-31 10:00:00+00` as `2024-01-31T10:00:00Z`; other offsets stay as they are. */
function isoTimestamp(text: string): string {
  return text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');
}
