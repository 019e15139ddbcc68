/** The `pretrain` section of attune.yaml. */
import { z } from 'zod';

export const pretrainSchema = z
  .strictObject({
    text: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Text inputs whose texts are learned; all of them when left out.'),
    probe: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Attributes by whose labels the encoder is judged as it learns, without training on them: how often the nearest product has the same value, and how often a linear model on the vectors is right.',
      ),
    epochs: z.int().min(1).max(1000).default(10).describe('Passes over the texts of the training products.'),
    steps: z
      .int()
      .min(1)
      .optional()
      .describe('Steps of the whole run, in place of `epochs`: part of a pass, or several.'),
    reports: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('How often, at equal distances, the encoder is judged on the dev products.'),
    batchTokens: z
      .int()
      .min(64)
      .max(1 << 22)
      .default(4096)
      .describe('Tokens in a step.'),
    maxTokens: z
      .int()
      .min(8)
      .max(8192)
      .default(128)
      .describe(
        'Tokens in a row: texts stand one after the other in it, closed by the separating token, and go on in the next one.',
      ),
    guessed: z
      .number()
      .positive()
      .max(0.9)
      .default(0.15)
      .describe(
        'Share of the tokens that are guessed, whole words at a time; 8 in 10 of them are hidden, 1 in 10 is another token, 1 stays.',
      ),
    dropout: z
      .boolean()
      .default(false)
      .describe(
        "Whether the encoder's dropout, as its config.json has it, is on; it is of use where texts are few and passes many.",
      ),
    learningRate: z
      .number()
      .positive()
      .max(10)
      .optional()
      .describe('Peak learning rate; 1e-4 from a checkpoint and 1e-3 from nothing when left out.'),
  })
  .describe(
    'What `attune pretrain` trains: an encoder of texts that guesses hidden words (`model.text` is where it starts; `training` has the optimiser).',
  );
export type PretrainConfig = z.infer<typeof pretrainSchema>;
