/** What a model reads beside text: which encoders and encodings, and where they start. */
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import {
  type AudioInputConfig,
  type ImageInputConfig,
  inputsOf,
  TABLE_KINDS,
  type TableInputConfig,
} from '../catalog/config-inputs.ts';
import type { Size } from '../features/image/processor.ts';
import { smallProcessor } from '../features/image/small-processor.ts';
import { fitCategory } from '../features/numbers/category-encoding.ts';
import { fitDate } from '../features/numbers/date-encoding.ts';
import { fitNumber } from '../features/numbers/number-encoding.ts';
import { SMALL_IMAGE } from '../models/architectures/small-image.ts';
import { mediaScope } from '../models/attribute/media-vectors.ts';
import type { AttributeModelSpec, MediaSpec, TableInputSpec } from '../models/attribute/spec.ts';
import { DATE_REFERENCE } from '../models/attribute/table-inputs.ts';
import { type ImageCheckpoint, readImageCheckpoint } from '../models/checkpoint/image-checkpoint.ts';
import type { AttuneConfig } from './config.ts';
import { pictureShape } from './picture-shape.ts';

export type OtherInputs = {
  readonly spec: Pick<AttributeModelSpec, 'media' | 'tableInputs' | 'fusion'>;
  /** Reads the first values of a parameter by its name in the model; undefined for one that starts at random. */
  readonly weights: (parameter: string) => Promise<Float32Array> | undefined;
};

/** Nothing where there is nothing else than text. @param cacheFolder - where media are kept while a run needs them */
export async function otherInputs(
  catalog: Catalog,
  { inputs, model }: AttuneConfig,
  cacheFolder: string,
): Promise<OtherInputs> {
  const fields = inputsOf(inputs, 'image', 'audio');
  const pretrained =
    model.image !== 'small' && fields.some(([, { kind }]) => kind === 'image')
      ? await readImageCheckpoint(model.image)
      : undefined;
  const media: MediaSpec[] = [];
  for (const [field, input] of fields) {
    const shape = () => pictureShape(catalog, field, model.imageSize, join(cacheFolder, 'addresses'));
    media.push(await mediaSpec(field, input, shape, pretrained));
  }
  const tableInputs = await learnTable(catalog, inputsOf(inputs, ...TABLE_KINDS));
  const scopes = media.flatMap(({ fresh, field }) => (fresh ? [] : [`${mediaScope(field)}.`]));
  return {
    spec: {
      ...(media.length === 0 ? {} : { media }),
      ...(tableInputs.length === 0 ? {} : { tableInputs }),
      ...(media.length + tableInputs.length === 0 ? {} : { fusion: model.fusion }),
    },
    weights: (parameter) => {
      const scope = scopes.find((each) => parameter.startsWith(each));
      const name = scope && parameter.slice(scope.length);
      return name && pretrained!.weights.has(name) ? pretrained!.weights.read(name) : undefined;
    },
  };
}

/** Bands of a spectrogram, and frames of 10 ms in a second. */
const MELS = 64;
const FRAMES_PER_SECOND = 100;

/** @param shape - finds the shape in which an encoder that starts from nothing sees pictures */
async function mediaSpec(
  field: string,
  input: ImageInputConfig | AudioInputConfig,
  shape: () => Promise<Size>,
  pretrained: ImageCheckpoint | undefined,
): Promise<MediaSpec> {
  const common = { field, most: input.most, fresh: true };
  if (input.kind === 'image' && pretrained) {
    const { config, processor } = pretrained;
    return { ...common, kind: 'image', fresh: false, encoder: config, processor };
  }
  const encoder = (channels: number, height: number, width: number) => ({
    model_type: SMALL_IMAGE,
    num_channels: channels,
    image_height: height,
    image_width: width,
  });
  if (input.kind === 'image') {
    const { height, width } = await shape();
    return {
      ...common,
      kind: 'image',
      encoder: encoder(3, height, width),
      processor: smallProcessor({ height, width }),
    };
  }
  const frames = Math.round(input.seconds * FRAMES_PER_SECOND);
  return {
    ...common,
    kind: 'audio',
    encoder: { ...encoder(1, MELS, frames), keep_rows: true },
    spectrogram: { mels: MELS, frames },
  };
}

type Cell = string | number | undefined;
type Fit = { readonly add: (cell: Cell) => void; readonly finish: () => TableInputSpec };

/** How the numbers, categories and dates of the training products lie, in one pass. */
async function learnTable(
  catalog: Catalog,
  inputs: readonly (readonly [string, TableInputConfig])[],
): Promise<readonly TableInputSpec[]> {
  if (inputs.length === 0) return [];
  const fits = inputs.map(([field, input]) => ({ field, fit: fitOf(field, input) }));
  for await (const chunk of catalog.products({ sides: ['train'] }))
    for (const { table } of chunk) for (const { field, fit } of fits) fit.add(table?.[field]);
  return fits.map(({ fit }) => fit.finish());
}

function fitOf(field: string, input: TableInputConfig): Fit {
  switch (input.kind) {
    case 'number': {
      const fit = fitNumber({ unit: input.unit, decimal: input.decimal });
      return { add: fit.add, finish: () => ({ field, kind: 'number', encoding: fit.finish() }) };
    }
    case 'category': {
      const fit = fitCategory({ minCount: input.minCount });
      const add = (cell: Cell) => fit.add(cell === undefined ? undefined : String(cell));
      return { add, finish: () => ({ field, kind: 'category', encoding: fit.finish() }) };
    }
    case 'date': {
      const fit = fitDate();
      const add = (cell: Cell) => fit.add(cell, DATE_REFERENCE);
      return { add, finish: () => ({ field, kind: 'date', encoding: fit.finish() }) };
    }
  }
}
