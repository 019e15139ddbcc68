/**
 * One error class for everything Attune refuses.
 *
 * An error teaches: what was wrong, where, what was expected, what to do. Each folder declares its own codes as a
 * union of words (`graph/shape-mismatch`); `src/attune.ts` gathers them. Expected outcomes (a bad row, an
 * abstention) are return values, not errors.
 */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export type ErrorOptions = {
  /** What to do about it, as a sentence. */
  readonly hint?: string;
  /** The values the message was made of, for machines. */
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
};

export class AttuneError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly details: ErrorDetails;

  /**
   * @param code - folder and reason in words, e.g. `catalog/file-missing`
   * @param message - what was wrong, where, what was expected; full sentences
   */
  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AttuneError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** The nearest of `candidates` to a mistyped `word`, or undefined when none is close (edit distance above a third). */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance in UTF-16 units. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
