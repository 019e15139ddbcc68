/** Where the checkpoints of a run's encoders are on this machine, downloaded first where they are named as on the hub. */
import type { Progress } from '../base/progress.ts';
import { inputsOf } from '../catalog/config-inputs.ts';
import { resolveModel } from '../models/checkpoint/hub.ts';
import type { AttuneConfig } from './config.ts';

/** Undefined for an encoder that starts from nothing, or that reads no input of the run. */
export type EncoderFolders = {
  readonly text: string | undefined;
  readonly image: string | undefined;
  readonly audio: string | undefined;
};

/** @throws models/name-invalid, models/hub-unreachable, models/hub-refused, models/pickle-refused, models/download-damaged */
export async function encoderFolders(
  { inputs, model }: Pick<AttuneConfig, 'inputs' | 'model'>,
  progress: Progress,
): Promise<EncoderFolders> {
  const folderOf = async (reads: keyof EncoderFolders) =>
    model[reads] === 'small' ? undefined : resolveModel(model[reads], { reads, progress });
  const folderOfInputs = async (reads: 'image' | 'audio') =>
    inputsOf(inputs, reads).length === 0 ? undefined : folderOf(reads);
  return {
    text: await folderOf('text'),
    image: await folderOfInputs('image'),
    audio: await folderOfInputs('audio'),
  };
}
