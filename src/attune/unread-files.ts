import type { MediaProblem } from '../models/attribute/example.ts';
import type { Answerer } from '../prediction/answerer.ts';

/** Counts the pictures and sounds of products that could not be read while they were answered. */
export class UnreadFiles {
  readonly #counts = new Map<string, number>();
  #first: MediaProblem | undefined;

  /** The same answers; what could not be read on the way is counted. */
  watching(answerer: Answerer): Answerer {
    return {
      given: answerer.given,
      answer: (products, options, onRead, wanted) =>
        answerer.answer(
          products,
          options,
          (index, problems, nothing) => {
            this.#add(problems);
            onRead?.(index, problems, nothing);
          },
          wanted,
        ),
    };
  }

  /** A sentence, where there were some. */
  get warnings(): readonly string[] {
    if (this.#first === undefined) return [];
    const counts = [...this.#counts].map(([field, count]) => `${count} of ${field}`).join(', ');
    const { field, reference, reason } = this.#first;
    const example = `${field}${reference === undefined ? '' : ` ${JSON.stringify(reference)}`}: ${reason}`;
    return [
      `Files that could not be read: ${counts}. Their products were answered without them, e.g. ${example}`,
    ];
  }

  #add(problems: readonly MediaProblem[]): void {
    this.#first ??= problems[0];
    for (const { field } of problems) this.#counts.set(field, (this.#counts.get(field) ?? 0) + 1);
  }
}
