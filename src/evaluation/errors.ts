/** Why the evaluation refuses: always a broken call, never a bad row (those are counted before they come here). */
export type EvaluationErrorCode =
  | 'evaluation/length-mismatch'
  | 'evaluation/not-finite'
  | 'evaluation/out-of-range'
  | 'evaluation/too-few';

/** One sentence a code, for docs/errors.md. */
export const EVALUATION_ERRORS: { readonly [C in EvaluationErrorCode]: string } = {
  'evaluation/length-mismatch': 'Two columns that describe the same rows have different lengths.',
  'evaluation/not-finite': 'A score, target or prediction is NaN or infinite where a number is needed.',
  'evaluation/out-of-range': 'An option, a probability or a class index lies outside its range.',
  'evaluation/too-few': 'A model of the scores was to be fitted on fewer examples than it has parameters.',
};
