/**
 * How far predictions can be trusted: calibration on one part of the dev products, thresholds on another, figures on
 * the test products. No product serves two of these ends, nor the choice of the best epoch.
 */
import { hashString } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import { type Calibrator, calibrate } from '../evaluation/calibration/calibrator.ts';
import { fitCalibrator } from '../evaluation/calibration/fit-calibrator.ts';
import { type AttributeEvaluation, evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import { attributeReport } from '../evaluation/report/attribute-report.ts';
import type { AttributeReport } from '../evaluation/report/report-data.ts';
import { scriptSlice, textLengthSlice } from '../evaluation/slices/slice-names.ts';
import {
  type AutoAccept,
  type AutoAcceptReport,
  autoAcceptThresholds,
} from '../evaluation/thresholds/auto-accept.ts';
import { type Collected, evidenceOf, toAnswers } from './collect.ts';

/** What the dev products of each part are for. */
export type DevPart = 'stop' | 'calibrate' | 'threshold';

/** Variants of one parent serve one end. Four tenths choose the epoch, three calibrate, three set thresholds. */
export function devPart(product: Product, seed: number): DevPart {
  const tenth = hashString(product.group ?? product.id, seed ^ 0x9a27) % 10;
  return tenth < 4 ? 'stop' : tenth < 7 ? 'calibrate' : 'threshold';
}

export type AttributeTrust = {
  readonly calibrator: Calibrator;
  readonly calibrationReason: string;
  readonly autoAccept: AutoAccept;
};
export type Trust = {
  readonly attributes: Readonly<Record<string, AttributeTrust>>;
  readonly method: string;
};

/** @param precisionTargets - by attribute; `defaultTarget` for the others */
export function assessTrust(
  calibration: readonly Collected[],
  thresholds: readonly Collected[],
  options: {
    readonly seed: number;
    readonly defaultTarget: number;
    readonly precisionTargets: Readonly<Record<string, number>>;
  },
): Trust {
  const fits = calibration.map((rows) => {
    const answers = toAnswers(rows);
    const { correct } = evaluateAttribute(answers, { seed: options.seed, resamples: 1 });
    return fitCalibrator(answers.confidences, correct, { seed: options.seed, groups: answers.groups ?? [] });
  });
  const requests = thresholds.map((rows, i) => {
    const confidences = rows.answers.map(({ probability }) => calibrate(fits[i]!.calibrator, probability));
    const answers = toAnswers(rows, confidences);
    return {
      attribute: rows.attribute,
      confidences,
      correct: evaluateAttribute(answers, { seed: options.seed, resamples: 1 }).correct,
      groups: answers.groups ?? [],
      otherConfidences: calibration[i]!.answers.map(({ probability }) =>
        calibrate(fits[i]!.calibrator, probability),
      ),
      precisionTarget: options.precisionTargets[rows.attribute] ?? options.defaultTarget,
    };
  });
  const report: AutoAcceptReport = autoAcceptThresholds(requests, { seed: options.seed });
  return {
    method: report.method,
    attributes: Object.fromEntries(
      thresholds.map((rows, i) => [
        rows.attribute,
        {
          calibrator: fits[i]!.calibrator,
          calibrationReason: fits[i]!.reason,
          autoAccept: report.attributes[i]!,
        },
      ]),
    ),
  };
}

export type Assessment = {
  readonly evaluations: readonly AttributeEvaluation[];
  readonly reports: readonly AttributeReport[];
};

/** Figures of the test products. @param fields - names of the model's texts, in order */
export function assess(
  test: readonly Collected[],
  trust: Trust,
  fields: readonly string[],
  seed: number,
): Assessment {
  const evaluations: AttributeEvaluation[] = [];
  const reports: AttributeReport[] = [];
  for (const rows of test) {
    const { calibrator, calibrationReason, autoAccept } = trust.attributes[rows.attribute]!;
    const raw = rows.answers.map(({ probability }) => probability);
    const answers = toAnswers(
      rows,
      raw.map((p) => calibrate(calibrator, p)),
    );
    const evaluation = evaluateAttribute(answers, { seed, threshold: autoAccept.threshold });
    evaluations.push(evaluation);
    const texts = rows.products.map((product) => fields.map((field) => product.texts[field] ?? ''));
    reports.push(
      attributeReport({
        answers,
        evaluation,
        rawConfidences: raw,
        calibration: { calibrator, reason: calibrationReason, count: raw.length, candidates: [] },
        autoAccept,
        slicings: [
          { name: 'category', values: rows.products.map(({ category }) => category ?? '(none)') },
          { name: 'text length', values: texts.map((parts) => textLengthSlice(parts.join(' '))) },
          { name: 'script', values: texts.map((parts) => scriptSlice(parts.join(' '))) },
        ],
        product: (row) => ({
          product: rows.products[row]!.id,
          category: rows.products[row]!.category,
          texts: fields.map((field, f) => ({
            field,
            text: texts[row]![f]!,
            evidence: evidenceOf(fields, texts[row]!, rows.answers[row]!.places).filter(
              (place) => place.field === field,
            ),
          })),
        }),
      }),
    );
  }
  return { evaluations, reports };
}
