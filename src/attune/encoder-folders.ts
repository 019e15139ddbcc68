/** Where the checkpoints of a run's encoders (or ONNX files of pictures and sounds) are on this machine, downloaded first where they are named as on the hub. */
import type { Progress } from '../base/progress.ts';
import { inputsOf } from '../catalog/config-inputs.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import type { AttuneConfig } from './config.ts';

export const isOnnxPath = (path: string) => /\.onnx$/i.test(path);

/** Undefined for what starts from nothing, or has nothing to do in the run. */
export type EncoderFolders = {
  readonly text: string | undefined;
  /** Whether `text` is the folder of a trained model, which has more in it. */
  readonly continued?: boolean;
  readonly image: string | undefined;
  readonly audio: string | undefined;
  /** What writes the texts of `generate` attributes. */
  readonly decoder?: string | undefined;
};

/** @throws models/name-invalid, models/hub-unreachable, models/hub-refused, models/pickle-refused, models/download-damaged */
export async function encoderFolders(
  { inputs, attributes, model }: Pick<AttuneConfig, 'inputs' | 'attributes' | 'model'>,
  progress: Progress,
): Promise<EncoderFolders> {
  const folderOf = async (reads: 'text' | 'image' | 'audio') =>
    model[reads] === 'small' ? undefined : resolveModel(model[reads], { reads, progress });
  const folderOfInputs = async (reads: 'image' | 'audio') => {
    if (inputsOf(inputs, reads).length === 0) return undefined;
    return isOnnxPath(model[reads]) ? model[reads] : folderOf(reads);
  };
  const writes =
    model.decoder !== 'small' && Object.values(attributes).some(({ kind }) => kind === 'generate');
  return {
    text: await folderOf('text'),
    image: await folderOfInputs('image'),
    audio: await folderOfInputs('audio'),
    decoder: writes ? await resolveModel(model.decoder, { reads: 'text', progress }) : undefined,
  };
}
