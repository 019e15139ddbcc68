/** What a model reads beside text: which encoders and encodings, and where they start. */
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { inputsOf, TABLE_KINDS, type TableInputConfig } from '../catalog/config-inputs.ts';
import type { BehaviourEncoding } from '../features/behaviour/behaviour-encoding.ts';
import { fitCategory } from '../features/numbers/category-encoding.ts';
import { fitDate } from '../features/numbers/date-encoding.ts';
import { fitNumber } from '../features/numbers/number-encoding.ts';
import { mediaScope } from '../models/attribute/media-vectors.ts';
import { onnxFileName, openOnnxEncoder } from '../models/attribute/onnx-encoder.ts';
import type { AttributeModelSpec, MediaSpec, TableInputSpec } from '../models/attribute/spec.ts';
import { DATE_REFERENCE } from '../models/attribute/table-inputs.ts';
import { openVectorEncoder, type VectorEncoder } from '../models/attribute/vector-encoder.ts';
import { learnBehaviour } from './behaviour.ts';
import type { AttuneConfig } from './config.ts';
import type { EncoderFolders } from './encoder-folders.ts';
import { fileEncoders } from './file-encoders.ts';
import { pictureShape } from './picture-shape.ts';

export type MediaFiles = {
  /** Where media are kept while a run needs them. */
  readonly cacheFolder: string;
  /** Folder whose pictures and sounds alone are read; any when left out. */
  readonly within?: string;
};

export type OtherInputs = {
  readonly spec: Pick<AttributeModelSpec, 'media' | 'tableInputs' | 'behaviour' | 'fusion'>;
  /** What the user may want to know, as sentences. */
  readonly warnings: readonly string[];
  /** Reads the first values of a parameter by its name in the model; undefined for one that starts at random. */
  readonly weights: (parameter: string) => Promise<Float32Array> | undefined;
  /** The encoder of a frozen field by itself. */
  readonly openEncoder: (spec: MediaSpec, threads: number | undefined) => Promise<VectorEncoder>;
  /** ONNX files of encoders, by the name that each has in a bundle. */
  readonly files: Readonly<Record<string, string>>;
};

/**
 * Nothing where there is nothing else than text.
 * @param files - where media are kept while a run needs them, and which are read
 * @param behaviour - how the event log is read, where there is one; the catalog is completed with it
 */
export async function otherInputs(
  catalog: Catalog,
  config: AttuneConfig,
  folders: EncoderFolders,
  files: MediaFiles,
  behaviour: BehaviourEncoding | undefined,
): Promise<OtherInputs> {
  const { inputs, model } = config;
  const shapeOf = (field: string) =>
    pictureShape(catalog, field, model.imageSize, {
      ...files,
      cacheFolder: join(files.cacheFolder, 'addresses'),
    });
  const encoders = await fileEncoders(config, folders, shapeOf);
  const media = encoders.map(({ spec }) => spec);
  const tableInputs = await learnTable(catalog, inputsOf(inputs, ...TABLE_KINDS));
  const [eventField] = inputsOf(inputs, 'behaviour');
  const observed =
    eventField && behaviour ? await learnBehaviour(catalog, eventField[0], behaviour) : undefined;
  return {
    spec: {
      ...(media.length === 0 ? {} : { media }),
      ...(tableInputs.length === 0 ? {} : { tableInputs }),
      ...(observed === undefined ? {} : { behaviour: observed.spec }),
      ...(media.length + tableInputs.length === 0 && observed === undefined
        ? {}
        : { fusion: model.fusion === 'auto' ? 'gated' : model.fusion }),
    },
    warnings: observed?.warnings ?? [],
    weights: (parameter) => {
      for (const { spec, weights } of encoders) {
        const scope = `${mediaScope(spec.field)}.`;
        const name = parameter.startsWith(scope) ? parameter.slice(scope.length) : undefined;
        if (name !== undefined && weights?.has(name)) return weights.read(name);
      }
      return undefined;
    },
    files: Object.fromEntries(
      encoders.flatMap(({ spec, onnx }) => (onnx === undefined ? [] : [[onnxFileName(spec.field), onnx]])),
    ),
    openEncoder: (spec, threads) => {
      const { weights, onnx } = encoders.find((each) => each.spec.field === spec.field)!;
      if (onnx !== undefined) return openOnnxEncoder(onnx, spec, threads);
      return openVectorEncoder(spec, weights!, threads);
    },
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
