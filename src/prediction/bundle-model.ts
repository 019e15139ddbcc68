/** A bundle's parts in the terms of the engine: what predicting and exporting are built of. */
import { join } from 'node:path';
import { constant, parameter } from '../graph/builder.ts';
import type { Value } from '../graph/session.ts';
import { attributeModelParameters, type ValueNames } from '../models/attribute/attribute-model.ts';
import { BatchMaker, rowsInUse } from '../models/attribute/batch.ts';
import { ExampleEncoder } from '../models/attribute/example.ts';
import { Lexicon } from '../models/attribute/lexicon.ts';
import { MediaLoader } from '../models/attribute/media-loader.ts';
import { onnxFileName, openOnnxEncoder } from '../models/attribute/onnx-encoder.ts';
import type { AttributeModelSpec, MediaSpec } from '../models/attribute/spec.ts';
import { type Scope, scopeOf } from '../models/layers/scope.ts';
import { type ReadBundle, readMembers } from './bundle.ts';
import type { SharedBase } from './shared-base.ts';

export type BundleModel = {
  /** What the graph is made of: the bundle's own, with an adapter where the base is shared. */
  readonly spec: AttributeModelSpec;
  /** Every parameter by name, of each member of the ensemble; without those of a shared base. */
  readonly members: readonly ReadonlyMap<string, Float32Array>[];
  /** Parameters that other models read too, where they stand in memory. */
  readonly shared: ReadonlyMap<string, Float32Array>;
  /** The parameters as leaves of a graph. */
  readonly scope: Scope;
  readonly encoder: ExampleEncoder;
  readonly batches: BatchMaker;
};

/** Reads the weights into memory. @param base - where the encoder is already */
export async function bundleModel(bundle: ReadBundle, base?: SharedBase): Promise<BundleModel> {
  const { file, checkpoint, lexicon } = bundle;
  const { model } = file;
  const over = await base?.under(bundle);
  const spec = over?.spec ?? model;
  const specs = attributeModelParameters(spec);
  const tensors = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
  const encoder = new ExampleEncoder(model, checkpoint.tokenizer, lexicon && new Lexicon(lexicon));
  const { pad, unknown } = checkpoint.tokenizer.special;
  const batches = new BatchMaker(model, rowsInUse(undefined, unknown ?? pad), pad, (names) =>
    encoder.encodeNames(names),
  );
  return {
    spec,
    members: over ? [over.own] : await readMembers(bundle),
    shared: over?.shared ?? new Map(),
    scope: scopeOf((name) => tensors.get(name)!),
    encoder,
    batches,
  };
}

/** Undefined where neither pictures nor sounds are read. @param threads - of an encoder that is an ONNX file */
export async function openMedia(
  { folder, file: { model } }: ReadBundle,
  threads: number | undefined,
): Promise<MediaLoader | undefined> {
  const openEncoder = (spec: MediaSpec) =>
    openOnnxEncoder(join(folder, onnxFileName(spec.field)), spec, threads);
  return model.media && MediaLoader.open(model.media, { openEncoder });
}

/** The values' names as a part of the graph, whose vectors the runtime then computes once; undefined without values. */
export function storedNames({ choices }: AttributeModelSpec, batches: BatchMaker): ValueNames | undefined {
  if (choices.length === 0) return undefined;
  const fixed = batches.make([]);
  return { ids: stored(fixed['choice.nameIds']!), mask: stored(fixed['choice.nameMask']!) };
}

const stored = ({ dtype, dims, data }: Value) => constant(dtype, dims, data);
