import { z } from 'zod';
import { ROLES } from '../../store/vocabulary.ts';

const role = z
  .enum(ROLES)
  .describe('predict: asks models; review: also reads and corrects products; admin: also models and keys.');

export const keyContract = z.strictObject({
  id: z.string().describe('Stands in the key itself; not a secret.'),
  name: z.string(),
  role,
  createdBy: z.string(),
  created: z.iso.datetime(),
  revoked: z.iso.datetime().nullable(),
  lastUsed: z.iso.datetime().nullable().describe('To the minute.'),
});

export const keysContract = z.strictObject({ keys: z.array(keyContract) });
export const keyWriteContract = z.strictObject({ name: z.string().min(1).max(100), role });
export const newKeyContract = z.strictObject({
  key: z.string().describe('The key itself, shown this once.'),
  stored: keyContract,
});
export const keyPathContract = z.strictObject({ id: z.string().min(1).max(64) });

export const auditContract = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.int(),
      at: z.iso.datetime(),
      who: z.string(),
      action: z.string(),
      subject: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const auditQueryContract = z.strictObject({
  before: z.coerce
    .number<string>()
    .int()
    .min(1)
    .optional()
    .describe('The id of the last entry of the page before.'),
  limit: z.coerce.number<string>().int().min(1).max(1000).optional(),
});

export type KeyAnswer = z.infer<typeof keyContract>;
export type NewKeyAnswer = z.infer<typeof newKeyContract>;
