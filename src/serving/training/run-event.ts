/** What a training writes down as it goes, a line of JSON each: `attune train --log FILE` writes it, the service reads it. */
import { z } from 'zod';
import { attributeFigures } from '../api/figures.ts';

const count = z.int().min(0);

/** Free fields, so that a line of a later version is read as far as it is known. */
const of = <E extends string, S extends z.ZodRawShape>(event: E, shape: S) =>
  z.object({ event: z.literal(event), at: z.iso.datetime(), ...shape });

export const runEventSchema = z.discriminatedUnion('event', [
  of('started', { resumed: z.boolean() }),
  of('plan', {
    products: z.object({ train: count, dev: count, test: count }),
    rejected: count,
    start: z.string(),
    parameters: count,
    /** Of the optimiser, over all models and epochs. */
    steps: count,
    memory: z.number(),
    warnings: z.array(z.string()),
  }),
  of('stage', { stage: z.string() }),
  of('step', { model: z.string().optional(), step: count, loss: z.number() }),
  of('epoch', {
    model: z.string().optional(),
    epoch: count,
    trainLoss: z.number(),
    devScore: z.number().optional(),
    /** By attribute: micro F1, R2 of a number, chrF of a written text. */
    attributes: z.record(z.string(), z.number()),
  }),
  of('message', { text: z.string() }),
  of('warning', { text: z.string() }),
  of('finished', {
    bestEpoch: count,
    figures: z.array(attributeFigures),
    gates: z.array(z.object({ text: z.string(), passed: z.boolean() })),
  }),
  of('stopped', {}),
  of('failed', { code: z.string(), message: z.string(), hint: z.string().optional() }),
]);

export type RunEvent = z.infer<typeof runEventSchema>;
/** As it is handed in: the time is added. */
export type RunNews = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;
