/** The `model` and `training` sections of attune.yaml. */
import { z } from 'zod';
import { FUSION_KINDS } from '../models/attribute/spec.ts';
import { augmentSchema } from './augment-config.ts';
import { SCHEDULES } from './schedules.ts';

export const modelSchema = z
  .strictObject({
    text: z
      .string()
      .min(1)
      .default('small')
      .describe(
        'The encoder to start from: a folder with a Hugging Face checkpoint, a name on the hub, or `small`, an encoder of 4 layers that starts from nothing.',
      ),
    image: z
      .string()
      .min(1)
      .default('small')
      .describe(
        'The encoder of picture inputs: a folder with a Hugging Face checkpoint (ViT, DeiT, ResNet, ConvNeXt, CLIP or SigLIP), a name on the hub, an ONNX file beside its preprocessor_config.json, which stays as it is, or `small`, a residual network that starts from nothing.',
      ),
    audio: z
      .string()
      .min(1)
      .default('small')
      .describe(
        'The encoder of sound inputs: a folder with a Hugging Face checkpoint (Whisper, AST or Wav2Vec2), a name on the hub, an ONNX file beside its preprocessor_config.json, which stays as it is, or `small`, a residual network that starts from nothing.',
      ),
    decoder: z
      .string()
      .min(1)
      .default('small')
      .describe(
        'The decoder of `generate` attributes to start from: a folder with a GPT-2 checkpoint of Hugging Face, a name on the hub, or `small`, a GPT-2 of `layers` layers that starts from nothing.',
      ),
    imageSize: z
      .int()
      .min(32)
      .max(512)
      .default(64)
      .describe(
        'Longer side, in pixels, of what the `small` image encoder sees of a picture; the other follows the shape of most pictures.',
      ),
    freeze: z
      .array(z.enum(['text', 'image', 'audio']))
      .default([])
      .describe(
        'Encoders that stay as their checkpoints have them. The vector of each text, picture or sound is computed once and kept on disk, so that epochs cost little; pictures and sounds are then not varied (`training.augment`).',
      ),
    adapter: z
      .strictObject({
        kind: z.literal('lora').describe('Low-rank adaptation, Hu et al. 2021.'),
        rank: z.int().min(1).max(512).default(8).describe('Rank of the matrices that are learned.'),
        alpha: z
          .number()
          .positive()
          .optional()
          .describe('Their factor is alpha / rank; twice the rank when left out.'),
        dropout: z.number().min(0).lt(1).default(0).describe("Of the adapter's input."),
        targets: z
          .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
          .default('all-linear')
          .describe('Layers to adapt: names or their ends, a regular expression, or all-linear; as in PEFT.'),
      })
      .optional()
      .describe(
        'Leaves pretrained encoders as they are and learns small matrices beside them, which are added to them at the end and also written as PEFT does.',
      ),
    fusion: z
      .enum([...FUSION_KINDS, 'auto'])
      .default('gated')
      .describe(
        'How text, pictures, sounds and other inputs are joined: their vectors side by side (`concat`), weighed element by element ' +
          '(`gated`), their tokens and patches looked at by one another (`attention`), or a model of each whose answers are ' +
          'averaged (`late`). `auto` trains each of them and keeps the one that does best on the dev products.',
      ),
    pooling: z
      .enum(['mean', 'first'])
      .optional()
      .describe("How tokens become one vector; the checkpoint's own way when left out."),
    maxTokens: z
      .int()
      .min(16)
      .max(8192)
      .default(256)
      .describe('Longest input in tokens, all fields and special tokens together.'),
    layers: z.int().min(1).max(24).default(4).describe('Layers of the `small` encoder.'),
    width: z.int().min(32).max(1024).multipleOf(32).default(192).describe('Width of the `small` encoder.'),
    heads: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'Attention heads of the `small` encoder, among which its width is shared evenly; one for each 32 numbers when left out.',
      ),
    vocabulary: z
      .int()
      .min(256)
      .max(65536)
      .default(8000)
      .describe('Word pieces that the `small` encoder learns from the texts.'),
    maxSpanWords: z
      .int()
      .min(1)
      .max(20)
      .default(9)
      .describe('Longest value of an `extract` attribute, in words.'),
    wide: z
      .boolean()
      .default(true)
      .describe(
        'Whether linear models over word and character n-grams answer beside the encoder: choice, multi and number attributes.',
      ),
    freezeEmbeddings: z
      .boolean()
      .default(false)
      .describe("Leaves the encoder's word vectors as they are: quicker, for large vocabularies."),
  })
  .describe('The model.');
export type ModelConfig = z.infer<typeof modelSchema>;

export const trainingSchema = z
  .strictObject({
    epochs: z.int().min(1).max(1000).default(6).describe('Passes over the training products.'),
    batchSize: z.int().min(1).max(4096).default(16).describe('Products in one optimiser step.'),
    maxTokensPerMicroBatch: z
      .int()
      .min(64)
      .default(4096)
      .describe(
        'Padded tokens computed at once; a step with more is cut into micro-batches that add up to the same step.',
      ),
    optimizer: z.enum(['adamw', 'adam', 'sgd']).default('adamw').describe('The optimiser.'),
    learningRate: z.number().positive().max(10).default(2e-4).describe('Peak learning rate of the encoder.'),
    headLearningRate: z
      .number()
      .positive()
      .max(10)
      .default(1e-3)
      .describe('Peak learning rate of the heads.'),
    freshLearningRate: z
      .number()
      .positive()
      .max(10)
      .default(2e-3)
      .describe('Peak learning rate of encoders of pictures and sounds that start from nothing.'),
    layerDecay: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .describe('Factor of the learning rate from each layer to the one below it.'),
    weightDecay: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe('Decay of the weights; biases and norms have none.'),
    momentum: z.number().min(0).max(1).default(0.9).describe('For `optimizer: sgd`.'),
    nesterov: z.boolean().default(false).describe("For `optimizer: sgd`: Nesterov's look-ahead."),
    beta1: z.number().min(0).max(1).default(0.9).describe('For Adam: decay of the mean of gradients.'),
    beta2: z
      .number()
      .min(0)
      .max(1)
      .default(0.98)
      .describe('For Adam: decay of the mean of squared gradients.'),
    epsilon: z
      .number()
      .positive()
      .max(1)
      .default(1e-6)
      .describe('For Adam: added to the root of the second moment.'),
    schedule: z.enum(SCHEDULES).default('linear').describe('How the learning rate falls after the warm-up.'),
    warmup: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('Share of the steps over which the learning rate climbs.'),
    clipNorm: z
      .number()
      .positive()
      .nullable()
      .default(1)
      .describe('Largest global norm of the gradients; null for no limit.'),
    labelSmoothing: z.number().min(0).max(0.5).default(0).describe('Of choice attributes.'),
    averageDecay: z
      .number()
      .min(0)
      .max(0.99999)
      .nullable()
      .default(null)
      .describe(
        'Decay of a moving average of the weights, which is then what is evaluated and saved; null for none.',
      ),
    unlistedWeight: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'Weight of taking an `extract` attribute that a labelled product does not list as having no value; 0 means that nothing is known of it.',
      ),
    swapValues: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        "Share of the values of `extract` attributes that give way, in a training text and its label, to another product's value of the same attribute and category.",
      ),
    modalityDropout: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe(
        'Share of the training products of which one modality (the text, the pictures or sounds of a field, the numbers, categories and dates, the behaviour) is hidden in a step, so that a model learns to do without.',
      ),
    augment: augmentSchema,
    decoderEpochs: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        'Passes of the decoder of `generate` attributes over the products that have one; as many as `epochs` when left out.',
      ),
    mix: z
      .enum(['none', 'mixup', 'cutmix'])
      .default('none')
      .describe(
        'For models that read one picture and nothing else: in half of the steps pictures are mixed in pairs, laid over each other (`mixup`) or a part of one in the other (`cutmix`), and so are their labels. Helps where pictures are few and epochs many.',
      ),
    pretrainEpochs: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe(
        "Passes of masked-language training over all training products' texts, labelled or not, before the attributes are learned.",
      ),
    pretrainLearningRate: z
      .number()
      .positive()
      .max(1)
      .default(1e-4)
      .describe('Peak learning rate of those passes.'),
    ensemble: z
      .int()
      .min(1)
      .max(8)
      .default(1)
      .describe(
        'Models trained with seeds of their own, whose scores are averaged: surer answers for as many times the work.',
      ),
    patience: z.int().min(1).default(3).describe('Epochs without a better dev score before training stops.'),
    saveEverySteps: z
      .int()
      .min(1)
      .default(200)
      .describe('Steps between saves of the run, which is what a killed run goes on from.'),
    threads: z.int().min(1).max(256).optional().describe('Threads of the runtime; one a core when left out.'),
    seed: z.int().min(0).max(0xffff_ffff).default(1).describe('A run is a function of its seed.'),
  })
  .describe('How the model is trained.');
export type TrainingConfig = z.infer<typeof trainingSchema>;
