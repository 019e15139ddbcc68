/** The encoders that `model.freeze` names: whether they can be frozen, and their vectors. */
import { inputsOf } from '../catalog/config-inputs.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { encoderOf } from '../models/attribute/attribute-model.ts';
import type { BatchMaker } from '../models/attribute/batch.ts';
import { isOnnxFile } from '../models/attribute/frozen.ts';
import { type FrozenText, openFrozenText } from '../models/attribute/frozen-text.ts';
import { readsText } from '../models/attribute/fusion.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { trainingError } from '../training/errors.ts';
import type { AttuneConfig } from './config.ts';
import { checkpointValues, type Start } from './start.ts';

/**
 * @param spec - of the model, its ONNX files frozen already
 * @returns what of the spec says which encoders are frozen
 * @throws training/bad-setting where an encoder that is named cannot be frozen
 */
export function frozenOf(
  { inputs, model: { freeze, fusion }, training }: AttuneConfig,
  { weights }: Pick<Start, 'weights'>,
  spec: AttributeModelSpec,
): Pick<AttributeModelSpec, 'media' | 'frozenText'> {
  const refuse = (reads: string, why: string, hint: string) =>
    trainingError('training/bad-setting', `model.freeze names ${reads}, and ${why}.`, { hint });
  for (const reads of freeze) {
    const read = reads === 'text' ? readsText(spec) : inputsOf(inputs, reads).length > 0;
    if (!read) throw refuse(reads, 'no input is one', 'Leave it out.');
    const fresh =
      reads === 'text'
        ? weights === undefined
        : spec.media!.some(({ kind, fresh }) => kind === reads && fresh);
    if (fresh)
      throw refuse(
        reads,
        'that encoder starts from nothing, so it would never learn',
        `Set model.${reads} to a checkpoint, or leave it out of model.freeze.`,
      );
  }
  const frozenText = freeze.includes('text');
  if (frozenText && spec.spans) {
    const names = [...new Set(spec.spans.pairs.map(({ attribute }) => attribute))];
    throw refuse(
      'text',
      `${names.join(', ')} are extracted from its tokens, of which one vector is not enough`,
      'Leave text out of model.freeze, or the extract attributes out of this model.',
    );
  }
  if (frozenText && training.pretrainEpochs > 0)
    throw refuse('text', 'training.pretrainEpochs changes the text encoder', 'Choose one of both.');
  if (freeze.length > 0 && fusion === 'attention')
    throw refuse(
      freeze.join(', '),
      'model.fusion: attention reads tokens and patches, of which one vector is not enough',
      'Join the modalities otherwise, for example with model.fusion: gated, or leave model.freeze out.',
    );
  return {
    ...(frozenText ? { frozenText } : {}),
    ...(spec.media
      ? {
          media: spec.media.map((each) =>
            freeze.includes(each.kind) || isOnnxFile(each) ? { ...each, frozen: true } : each,
          ),
        }
      : {}),
  };
}

/** @param cacheFolder - where vectors are kept during the run */
export async function frozenTextOf(
  spec: AttributeModelSpec,
  start: Start,
  batches: BatchMaker,
  cacheFolder: string,
  threads: number | undefined,
): Promise<FrozenText | undefined> {
  if (!spec.frozenText) return undefined;
  const weights = new Map<string, Float32Array>();
  for (const parameter of encoderOf(spec).parameters)
    weights.set(parameter.name, (await checkpointValues(spec, start, parameter))!);
  return openFrozenText(spec, { batches, weights, cacheFolder, threads });
}

/** The weights of the encoders that stood outside of the graph while it trained, as they started. */
export async function frozenWeights(
  trained: AttributeModelSpec,
  names: readonly string[],
  start: Start,
  others: (parameter: string) => Promise<Float32Array> | undefined,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { wordTable } = openArchitecture(trained.encoder);
  const weights = new Map<string, Float32Array>();
  for (const name of names) {
    if (name === wordTable) continue;
    weights.set(name, await (others(name) ?? start.weights!.read(name)));
  }
  return weights;
}
