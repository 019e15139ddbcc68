import type { AttributeResult } from '../evaluation/attribute-result.ts';
import type { overallScores } from '../evaluation/evaluate-attribute.ts';
import type { GateOutcome } from '../evaluation/gates/check-gates.ts';
import type { ModalityAlone } from '../evaluation/report/render-modalities.ts';
import type { EpochRecord } from '../training/run-folder.ts';

export type TrainResult = {
  /** False when the run was asked to stop; train again with `resume`. */
  readonly finished: boolean;
  readonly out: string;
  readonly bestEpoch: number;
  readonly history: readonly EpochRecord[];
  readonly results: readonly AttributeResult[];
  readonly overall: ReturnType<typeof overallScores> | undefined;
  /** What each modality gives by itself, where a model reads several. */
  readonly alone: readonly ModalityAlone[];
  readonly gates: readonly GateOutcome[];
  readonly rejects: string | undefined;
};
