import { z } from 'zod';

/** As the Open Inference Protocol has it. */
export const liveContract = z.strictObject({ live: z.boolean().describe('The process answers.') });

export const readyContract = z.strictObject({
  ready: z.boolean().describe('It takes work; false while closing.'),
});
