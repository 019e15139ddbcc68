/**
 * Encoders outside of the graph. A frozen one gives each file or text one vector, always the same, so vectors are computed once and the
 * graph reads them. In a trained model a frozen checkpoint is in the graph like any other; an ONNX file stays outside.
 */
import type { AttributeModelSpec, FileEncoderSpec, MediaSpec } from './spec.ts';

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
