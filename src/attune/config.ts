/** The whole of attune.yaml: each folder's section, gathered. */
import { z } from 'zod';
import { attributeSchema, attributesSchema, dataSchema } from '../catalog/config.ts';
import { inputsSchema } from '../catalog/config-inputs.ts';
import { gatesSchema } from '../evaluation/gates/gate-schema.ts';
import { alignSchema } from '../training/align-config.ts';
import { modelSchema, trainingSchema } from '../training/config.ts';
import { pretrainSchema } from '../training/pretrain-config.ts';
import type { WantedAttribute } from '../training/survey.ts';

const acceptSchema = z
  .strictObject({
    precision: z
      .number()
      .gt(0.5)
      .lt(1)
      .default(0.95)
      .describe('Precision that the answers accepted without a person must have, for each attribute.'),
    attributes: z
      .record(z.string().min(1), z.number().gt(0.5).lt(1))
      .default({})
      .describe('Other targets by attribute.'),
  })
  .describe('Which answers are taken without a person.');

export const configSchema = z.strictObject({
  data: dataSchema.prefault({}).describe('The file of products and how it is split.'),
  inputs: inputsSchema,
  attributes: attributesSchema,
  model: modelSchema.prefault({}),
  training: trainingSchema.prefault({}),
  align: alignSchema.optional(),
  pretrain: pretrainSchema.optional(),
  accept: acceptSchema.prefault({}),
  gates: gatesSchema
    .default({})
    .describe('Figures that the test products must reach; a run that misses one ends with exit code 100.'),
});
export type AttuneConfig = z.infer<typeof configSchema>;

/** What the accepted answers of each attribute promise: its precision, in (0, 1). */
export function precisionTargetsOf({ attributes, accept }: AttuneConfig): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.keys(attributes).map((name) => [name, accept.attributes[name] ?? accept.precision]),
  );
}

/** The attributes as configured; values that the config does not list are learned from the data. */
export function wantedAttributes(config: AttuneConfig): readonly WantedAttribute[] {
  return Object.entries(config.attributes).map(([name, attribute]) => ({
    schema: attributeSchema(name, attribute, { values: [], synonyms: {} }),
    decimal: attribute.kind === 'number' ? attribute.decimal : 'point',
  }));
}
