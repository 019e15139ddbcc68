import type { AttributeResult } from '../attribute-result.ts';
import type { ReliabilityBin } from '../calibration/reliability.ts';
import type { GateOutcome } from '../gates/check-gates.ts';
import type { ClassScores } from '../metrics/classification.ts';
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';
import type { SliceReport } from '../slices/slice-scores.ts';
import type { AutoAccept } from '../thresholds/auto-accept.ts';
import type { CoveragePoint } from '../thresholds/coverage-curve.ts';
import type { ModalityAlone } from './render-modalities.ts';

/** All that a report shows, as plain data. */
export type ReportData = {
  readonly title: string;
  /** Facts of the run in the order shown: data, rows a side, model, device, duration, version ... */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** The command that makes these numbers again. */
  readonly command: string | undefined;
  /** The resolved config as YAML. */
  readonly config: string;
  /** What a reader should know before trusting the numbers. */
  readonly warnings: readonly string[];
  readonly training: TrainingCurve | undefined;
  readonly attributes: readonly AttributeReport[];
  /** What each modality gives by itself; left out or empty where there is one only. */
  readonly alone?: readonly ModalityAlone[];
  /** How the thresholds were set, in a sentence. */
  readonly thresholdMethod: string | undefined;
  readonly gates: readonly GateOutcome[];
};

export type TrainingCurve = {
  /** The name of the figure that chooses the best epoch, e.g. "micro F1". */
  readonly devMetric: string;
  readonly epochs: readonly EpochPoint[];
  readonly bestEpoch: number | undefined;
  /** What is counted where it is not epochs, e.g. "step". */
  readonly unit?: string;
};

export type EpochPoint = {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly devLoss: number | undefined;
  readonly devMetric: number | undefined;
};

export type AttributeReport = {
  readonly result: AttributeResult;
  readonly classes: readonly ClassScores[];
  readonly confusion: ConfusionMatrix | undefined;
  readonly calibration: CalibrationReport | undefined;
  readonly coverage: readonly CoveragePoint[];
  readonly autoAccept: AutoAccept | undefined;
  readonly slices: SliceReport | undefined;
  readonly mistakes: readonly Mistake[];
};

export type CalibrationReport = {
  /** Which map was chosen, and why, in a sentence. */
  readonly reason: string;
  readonly before: Reliability;
  readonly after: Reliability;
};

export type Reliability = {
  readonly bins: readonly ReliabilityBin[];
  readonly calibrationError: number | undefined;
  readonly brier: number | undefined;
};

/** A wrong answer worth reading. */
export type Mistake = {
  readonly product: string;
  readonly category: string | undefined;
  /** Empty means none. */
  readonly truth: readonly string[];
  readonly predicted: readonly string[];
  readonly confidence: number;
  readonly texts: readonly MistakeText[];
};

export type MistakeText = {
  readonly field: string;
  readonly text: string;
  /** Half-open spans in UTF-16 units that the answer rests on. */
  readonly evidence: readonly { readonly start: number; readonly end: number }[];
};
