import { isotonicValue } from './isotonic.ts';
import { logOdds, sigmoid } from './log-odds.ts';

/**
 * A map from a model's confidence that its answer is right to the share of such answers that are, as plain JSON. Every
 * one is non-decreasing, so it never reorders answers.
 */
export type Calibrator =
  | { readonly method: 'identity' }
  | { readonly method: 'temperature'; readonly temperature: number }
  | { readonly method: 'platt'; readonly slope: number; readonly intercept: number }
  | {
      readonly method: 'isotonic';
      readonly x: readonly number[];
      readonly y: readonly number[];
      /** Answers stay this far from 0 and 1: n examples cannot prove a certainty. */
      readonly margin: number;
    };

export type CalibrationMethod = Calibrator['method'];

/**
 * The calibrated confidence.
 *
 * @param confidence - the model's own, in [0, 1]
 * @returns in [0, 1]
 */
export function calibrate(calibrator: Calibrator, confidence: number): number {
  switch (calibrator.method) {
    case 'identity':
      return confidence;
    case 'temperature':
      return sigmoid(logOdds(confidence) / calibrator.temperature);
    case 'platt':
      return sigmoid(calibrator.slope * logOdds(confidence) + calibrator.intercept);
    case 'isotonic': {
      const value = isotonicValue(calibrator, confidence);
      return Math.min(1 - calibrator.margin, Math.max(calibrator.margin, value));
    }
  }
}
