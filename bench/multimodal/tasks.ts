/** What is measured on each data set: what is read, what is predicted, how it is trained, and who stands beside us. */
import type { SETS } from './data.ts';
import type { Plan } from './ours.ts';

export type Task = {
  readonly set: keyof typeof SETS;
  readonly measures: readonly { readonly attribute: string; readonly measure: 'accuracy' | 'error' }[];
  /** @param text - the checkpoint that reads texts, or `small` */
  plan(text: string): Plan;
  readonly peer?: {
    readonly name: string;
    /** In bench/peers. */
    readonly script: string;
    readonly options?: Readonly<Record<string, unknown>>;
  };
};

const MYNTRA = ['articleType', 'baseColour', 'season', 'gender', 'usage'];
const right = (attribute: string) => ({ attribute, measure: 'accuracy' }) as const;
const choices = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'choice']));
const FROM_NOTHING = {
  epochs: 10,
  patience: 10,
  batchSize: 64,
  headLearningRate: 1.5e-3,
  freshLearningRate: 5e-3,
  weightDecay: 0.05,
} as const;

export const TASKS: Readonly<Record<string, Task>> = {
  'myntra-pictures': {
    set: 'myntra',
    measures: MYNTRA.map(right),
    plan: () => ({
      inputs: { photo: { kind: 'image', column: 'image' } },
      attributes: choices(MYNTRA),
      model: { imageSize: 64 },
      training: FROM_NOTHING,
    }),
    peer: {
      name: 'ResNet in PyTorch',
      script: 'picture_resnet.py',
      options: { height: 64, width: 48, epochs: 10, column: 'image' },
    },
  },
  'myntra-fused': {
    set: 'myntra',
    measures: MYNTRA.map(right),
    plan: (text) => ({
      inputs: {
        title: { kind: 'text', maxTokens: 32 },
        photo: { kind: 'image', column: 'image' },
      },
      attributes: choices(MYNTRA),
      model: { text, imageSize: 64 },
      training: { ...FROM_NOTHING, epochs: 5, learningRate: 1e-4 },
    }),
  },
  livostyle: {
    set: 'livostyle',
    measures: [right('category_full_path'), { attribute: 'price_min_usd', measure: 'error' }],
    plan: (text) => ({
      inputs: {
        title: { kind: 'text', maxTokens: 24 },
        // What the peer reads too: without it its error, over five folds of the training rows, is an eighth larger.
        tags: { kind: 'text', maxTokens: 32 },
        description: { kind: 'text', maxTokens: 48 },
        photo: { kind: 'image', column: 'image' },
      },
      attributes: {
        category_full_path: 'choice',
        price_min_usd: { kind: 'number' },
      },
      model: { text, imageSize: 64 },
      training: { epochs: 6, patience: 6, learningRate: 1e-4 },
      devShare: 0.1,
    }),
    peer: {
      name: 'TF-IDF + ridge',
      script: 'price_ridge.py',
      options: { texts: ['title', 'description', 'tags'] },
    },
  },
  clothing: {
    set: 'clothing',
    measures: [right('label')],
    plan: () => ({
      inputs: { photo: { kind: 'image', column: 'image' } },
      attributes: choices(['label']),
      model: { imageSize: 96 },
      training: { ...FROM_NOTHING, epochs: 40, patience: 40, batchSize: 32, freshLearningRate: 3e-3 },
    }),
    peer: {
      name: 'ResNet in PyTorch',
      script: 'picture_resnet.py',
      options: { height: 96, width: 96, epochs: 40, column: 'image', crop: 8 },
    },
  },
  digits: {
    set: 'digits',
    measures: [right('digit'), right('speaker')],
    plan: () => ({
      inputs: { sound: { kind: 'audio', column: 'wav', seconds: 0.8 } },
      attributes: choices(['digit', 'speaker']),
      model: {},
      training: { ...FROM_NOTHING, epochs: 25, patience: 25, batchSize: 32, freshLearningRate: 3e-3 },
    }),
    peer: { name: 'MFCC + SVM', script: 'mfcc_svm.py', options: { column: 'wav' } },
  },
};
