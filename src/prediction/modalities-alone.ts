/** What each modality of a model gives by itself: the test products once more, with all others hidden; and what is right with all hidden. */
import type { Product } from '../catalog/product.ts';
import { evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import { type ModalityAlone, NOTHING } from '../evaluation/report/render-modalities.ts';
import { DEFAULT_DECODE } from '../models/attribute/decode.ts';
import { modalitiesOf, modalityName, TEXT } from '../models/attribute/fusion.ts';
import type { AttributeRunner } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import type { LabelReader, ReadableAttribute } from '../training/labelled.ts';
import { collectAnswers, toAnswers } from './collect.ts';

export type ModalitiesInputs = {
  readonly spec: AttributeModelSpec;
  readonly runner: AttributeRunner;
  readonly reader: LabelReader;
  readonly attributes: readonly ReadableAttribute[];
  /** The test products, anew at each call. */
  products(): AsyncIterable<readonly Product[]>;
};

/** Nothing for a model that reads one modality. Extracted attributes are answered from the text and nothing else. */
export async function modalitiesAlone(inputs: ModalitiesInputs): Promise<readonly ModalityAlone[]> {
  const { spec, runner, reader, attributes, products } = inputs;
  const modalities = modalitiesOf(spec);
  if (modalities.length < 2) return [];
  const found: ModalityAlone[] = [];
  for (const modality of [...modalities, undefined]) {
    const answered = attributes.filter(({ schema }) => modality === TEXT || schema.kind !== 'extract');
    const collected = await collectAnswers(
      runner.seeing(modality === undefined ? [] : [modality]),
      reader,
      answered,
      products(),
      DEFAULT_DECODE,
    );
    const scores = collected.flatMap((rows): (readonly [string, number])[] => {
      const { microF1 } = evaluateAttribute(toAnswers(rows), { seed: 0, resamples: 1 }).result;
      return microF1 === undefined ? [] : [[rows.attribute, microF1]];
    });
    found.push({
      modality: modality === undefined ? NOTHING : modalityName(modality),
      microF1: Object.fromEntries(scores),
    });
  }
  return found;
}
