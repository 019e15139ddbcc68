import { closest } from '../../base/errors.ts';
import type { AttributeResult } from '../attribute-result.ts';
import type { Gate, Gates } from './gate-schema.ts';

/** One demand and whether it was met. */
export type GateOutcome = {
  readonly attribute: string;
  readonly measure: keyof Gate;
  readonly required: number;
  /** Undefined where there is nothing to measure, which fails. */
  readonly actual: number | undefined;
  readonly passed: boolean;
  /** In a sentence, with the numbers. */
  readonly explanation: string;
};

type Measure = {
  readonly name: string;
  readonly largest?: true;
  readonly of: (result: AttributeResult, gate: Gate) => number | undefined;
};

const MEASURES: { readonly [M in keyof Required<Gate>]: Measure } = {
  accuracy: { name: 'accuracy', of: (result) => result.accuracy },
  precision: {
    name: 'precision',
    of: (result, gate) => (gate.minCoverage === undefined ? result.precision : result.acceptedPrecision),
  },
  recall: { name: 'recall', of: (result) => result.recall },
  f1: { name: 'micro F1', of: (result) => result.microF1 },
  macroF1: { name: 'macro F1', of: (result) => result.macroF1 },
  minCoverage: { name: 'coverage', of: (result) => result.coverage },
  r2: { name: 'R2', of: (result) => result.r2 },
  meanAbsoluteError: {
    name: 'mean absolute error',
    largest: true,
    of: (result) => result.meanAbsoluteError,
  },
};

/**
 * Compares results with what was demanded of them; any outcome that did not pass should fail the run (exit code 100).
 *
 * What cannot be measured fails: an attribute that is not among the results, or has no test rows, has not passed.
 * @returns one outcome a demand, in the order of the gates
 */
export function checkGates(results: readonly AttributeResult[], gates: Gates): GateOutcome[] {
  const byName = new Map(results.map((result) => [result.attribute, result]));
  return Object.entries(gates).flatMap(([attribute, gate]) =>
    (Object.keys(MEASURES) as (keyof Gate)[]).flatMap((measure) => {
      const required = gate[measure];
      if (required === undefined) return [];
      const result = byName.get(attribute);
      return [
        result === undefined
          ? unknownAttribute(attribute, measure, required, [...byName.keys()])
          : judge(result, gate, measure, required),
      ];
    }),
  );
}

function unknownAttribute(
  attribute: string,
  measure: keyof Gate,
  required: number,
  known: readonly string[],
): GateOutcome {
  const near = closest(attribute, known);
  const explanation = `${attribute}: there is no such attribute among the results${near ? `; did you mean ${near}?` : '.'}`;
  return { attribute, measure, required, actual: undefined, passed: false, explanation };
}

function judge(result: AttributeResult, gate: Gate, measure: keyof Gate, required: number): GateOutcome {
  const { name, largest, of } = MEASURES[measure];
  const { attribute } = result;
  const actual = of(result, gate);
  const bound = largest ? 'at most' : 'at least';
  if (actual === undefined) {
    const why = result.count === 0 ? 'no test row says its truth' : 'there is nothing to measure it on';
    const explanation = `${attribute}: ${name} must be ${bound} ${required}, but ${why}.`;
    return { attribute, measure, required, actual, passed: false, explanation };
  }
  const passed = largest ? actual <= required : actual >= required;
  const of4 = actual.toFixed(4);
  const explanation = passed
    ? `${attribute}: ${name} ${of4} is ${bound} ${required}.`
    : `${attribute}: ${name} ${of4} is ${largest ? 'above' : 'below'} the required ${required}.`;
  return { attribute, measure, required, actual, passed, explanation };
}
