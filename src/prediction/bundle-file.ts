/** `attune.json`: what a bundle says of itself, checked when it is read. */
import type { AttributeSchema } from '../catalog/product.ts';
import type { DecimalMark } from '../catalog/values/numbers.ts';
import type { ModalityAlone } from '../evaluation/report/render-modalities.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import type { GeneratorSpec } from '../models/generation/spec.ts';
import type { Blend } from '../models/wide/blend.ts';
import type { NumberBlend } from '../models/wide/number-blend.ts';
import type { AttributeTrust } from './assess.ts';

export const BUNDLE_FORMAT = 2;

export type BundleAttribute = {
  readonly schema: AttributeSchema;
  readonly decimal: DecimalMark;
  readonly trust: AttributeTrust | undefined;
};

export type BundleFile = {
  readonly format: number;
  /** Of Attune. */
  readonly version: string;
  readonly name: string;
  readonly model: AttributeModelSpec;
  /** The decoder of texts; left out where none are written. */
  readonly generator?: GeneratorSpec;
  readonly attributes: readonly BundleAttribute[];
  /** Models whose scores are averaged. */
  readonly members: number;
  /** How much the encoder and the wide part count for choice and multi attributes; undefined where there is no wide part. */
  readonly blend: Blend | undefined;
  /** The same for number attributes. */
  readonly numberBlend?: NumberBlend;
  readonly decode: { readonly spanThreshold: number };
  /** The resolved config of the training run. */
  readonly config: unknown;
  /** Hash of the data, the config and the start. */
  readonly fingerprint: string;
  readonly metrics: {
    readonly test: readonly unknown[];
    readonly alone: readonly ModalityAlone[];
    readonly thresholdMethod: string;
  };
};
