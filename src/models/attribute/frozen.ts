/**
 * Encoders outside of the graph. A frozen one gives each file or text one vector, always the same, so vectors are computed once and the
 * graph reads them. In a trained model a frozen checkpoint is in the graph like any other; an ONNX file stays outside.
 */
import {
  type AttributeModelSpec,
  type FileEncoderSpec,
  FUSION_KINDS,
  type FusionKind,
  type MediaSpec,
} from './spec.ts';

/** `model_type` of an ONNX file as an encoder. */
export const ONNX_FILE = 'onnx-file';

export const isOnnxFile = ({ encoder }: Pick<FileEncoderSpec, 'encoder'>) => encoder.model_type === ONNX_FILE;

/** The model as a bundle has it: every encoder in the graph but ONNX files, and no adapter. */
export function asTrained({ adapter: _, frozenText: __, ...spec }: AttributeModelSpec): AttributeModelSpec {
  return spec.media === undefined ? spec : { ...spec, media: spec.media.map(unfrozen) };
}

function unfrozen(spec: MediaSpec): MediaSpec {
  if (isOnnxFile(spec)) return spec;
  const { frozen: _, ...thawed } = spec;
  return thawed;
}

/** Whether training leaves some encoder as it is. */
export const freezes = ({ frozenText = false, media = [] }: AttributeModelSpec) =>
  frozenText || media.some(({ frozen = false }) => frozen);

/**
 * The ways to join modalities that a model may try. Attention reads tokens and patches, which a frozen checkpoint's vectors have not, and
 * which it would have in the trained model again.
 */
export const fusionKindsOf = ({
  frozenText = false,
  media = [],
}: Pick<AttributeModelSpec, 'frozenText' | 'media'>): readonly FusionKind[] =>
  frozenText || media.some((spec) => spec.frozen && !isOnnxFile(spec))
    ? FUSION_KINDS.filter((kind) => kind !== 'attention')
    : FUSION_KINDS;
