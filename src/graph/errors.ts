import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Every code of this folder with what it means; docs/errors.md is made of such tables. */
export const GRAPH_ERRORS = {
  'graph/shape-mismatch': 'The shapes of an operation do not fit together.',
  'graph/dtype-mismatch': 'The element types of an operation do not fit together.',
  'graph/bad-argument': 'An argument of an operation is out of its range.',
  'graph/not-differentiable': 'A gradient was asked through an operation that has none.',
  'graph/illegal': 'A graph breaks the grammar of legal graphs.',
  'graph/unknown-dimension':
    'A named dimension stands in no input, so its size is not known when the graph runs.',
  'graph/missing-input': 'A graph was run without one of its inputs.',
  'graph/unexpected-input': 'A graph was given an input it does not have, or of another type or shape.',
  'graph/device-unavailable': 'The device asked for is not there on this machine.',
  'graph/runtime-failed': 'The runtime refused or failed to run a graph.',
  'graph/export-too-large': 'A model over 2 GB was to be written as one ONNX file.',
} as const;

export type GraphErrorCode = keyof typeof GRAPH_ERRORS;

export function graphError(
  code: GraphErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<GraphErrorCode> {
  return new AttuneError(code, message, options);
}
