/** The `align` section of attune.yaml. */
import { z } from 'zod';

export const alignSchema = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .default('small')
      .describe(
        'The pair of encoders to start from: a folder with a CLIP or SigLIP checkpoint of Hugging Face (or one that `attune align` wrote), a name on the hub, or `small`, a text encoder of `model.layers` layers and a residual network that start from nothing.',
      ),
    text: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Text inputs whose texts, one after the other, belong to the picture; the first one when left out.',
      ),
    image: z
      .string()
      .min(1)
      .optional()
      .describe('The image input that holds the pictures; the first one when left out.'),
    loss: z
      .enum(['clip', 'siglip'])
      .optional()
      .describe(
        "`clip` (each text picks its picture among those of the batch, each picture its text) or `siglip` (each text with each picture: do they belong together). The checkpoint's own when left out, and clip from nothing.",
      ),
    epochs: z.int().min(1).max(1000).default(10).describe('Passes over the training products.'),
    batchSize: z
      .int()
      .min(2)
      .max(4096)
      .default(64)
      .describe(
        'Products that are compared with each other in a step; more are harder to tell apart, and teach more.',
      ),
    learningRate: z
      .number()
      .positive()
      .max(10)
      .optional()
      .describe('Peak learning rate; 1e-5 from a checkpoint and 1e-3 from nothing when left out.'),
  })
  .describe(
    'What `attune align` trains: an encoder of texts and one of pictures whose vectors are near each other where both are of one product.',
  );
export type AlignConfig = z.infer<typeof alignSchema>;
