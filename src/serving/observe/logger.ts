/** The service's log: a line of JSON for each event, with the id of its request. No secret leaves through it. */
import { type DestinationStream, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where secrets have names. */
const REDACTED = [
  'password',
  'key',
  'authorization',
  '*.authorization',
  '*.*.authorization',
  '*["x-api-key"]',
  '*.*["x-api-key"]',
  '*.cookie',
  '*.*.cookie',
  '*.password',
  '*.key',
];

/** Where they have none: keys of ours, and passwords in addresses, wherever in a text they stand. */
const KEY = /attune_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/g;
const PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*:)[^\s/@"]+@/gi;

export function serviceLogger(level: LogLevel, stream: DestinationStream): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: REDACTED },
    { write: (line) => stream.write(withoutSecrets(line)) },
  );
}

export function withoutSecrets(text: string): string {
  return text.replace(KEY, 'attune_[redacted]').replace(PASSWORD, '$1[redacted]@');
}
