/**
 * One training step (forward, backward, AdamW, dropout) of a 6-layer, 384-wide BERT with a 20-class head, beside the same
 * model in PyTorch: everything trained, the embeddings frozen, and only the vocabulary's rows in use (both sides get the
 * smaller table, as a run on a catalog has it). Then of models that read pictures: training/picture-rows.ts.
 */
import { availableParallelism } from 'node:os';
import type { Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { Classifier, type ClassifierPlan, type EncoderConfig, operationsOf } from './training/classifier.ts';
import { type MatmulSize, matmulSpeed } from './training/matmul-speed.ts';
import { PICTURE_MODELS, pictureRows } from './training/picture-rows.ts';
import { figuresOf, timeSteps } from './training/step-figures.ts';
import { type Precision, TorchClassifier, usefulPrecisions } from './training/torch-classifier.ts';

export const OPTIONS: OwnOptions = {
  batches: 'batches of text as products x tokens, divided by commas (default 16x64,32x128), or none',
  pictures: `models of pictures, divided by commas, or none (default ${Object.keys(PICTURE_MODELS).join()})`,
  'rows-in-use': 'rows of the smaller vocabulary (default 6000)',
  rounds: 'counted turns of each side (default 7)',
  threads: 'threads of both sides (default one a core)',
  quick: '`yes` for a tiny model and few turns, to see that it works',
};

/** all-MiniLM-L6-v2's sizes. */
const MINILM: EncoderConfig = {
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: 384,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  intermediate_size: 1536,
};
const TINY: EncoderConfig = {
  ...MINILM,
  vocab_size: 512,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 64,
};
const CLASSES = 20;
const PLAIN: readonly MatmulSize[] = [
  { rows: 1024, inner: 384, columns: 1536 },
  { rows: 1024, inner: 1024, columns: 1024 },
];

export async function run({ own, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const quick = own.quick === 'yes';
  const encoder = quick ? TINY : MINILM;
  const rounds = Number(own.rounds ?? (quick ? 1 : 7));
  const threads = Number(own.threads ?? availableParallelism());
  const rowsInUse = Number(own['rows-in-use'] ?? (quick ? 128 : 6000));
  const figures: Figure[] = [];
  let precisions: readonly Precision[] | undefined;
  let plain = 0;
  // Before the peer starts, which keeps the processor busy while it does.
  for (const size of PLAIN) {
    const value = await matmulSpeed(size, threads);
    plain = Math.max(plain, value);
    figures.push({
      name: `matmul ${size.rows}x${size.inner}x${size.columns} fp32`,
      value,
      unit: 'GFLOP/s',
    });
  }
  if (python === undefined) say('PyTorch is missing: give --python.');
  const batches = batchesOf(own.batches ?? (quick ? '2x8' : '16x64,32x128'));
  const pictures = own.pictures ?? Object.keys(PICTURE_MODELS).join();
  const torch =
    python === undefined || batches.length === 0 ? undefined : TorchClassifier.start(python, threads);
  try {
    for (const [batch, tokens] of batches) {
      const base: ClassifierPlan = { encoder, classes: CLASSES, batch, tokens, frozen: false, threads };
      const rows: readonly (readonly [string, ClassifierPlan])[] = [
        ['all', base],
        ['embeddings frozen', { ...base, frozen: true }],
        [`${rowsInUse} rows in use`, { ...base, encoder: { ...encoder, vocab_size: rowsInUse } }],
      ];
      for (const [row, plan] of rows) {
        if (torch) {
          await torch.build(plan);
          precisions ??= await usefulPrecisions(torch, say);
        }
        const ours = await Classifier.create(plan);
        const times = await timeSteps(ours, torch, precisions ?? [], rounds);
        await ours.close();
        const name = `${batch}x${tokens} ${row} fp32`;
        say(`${name}: ${[...times].map(([side, ms]) => `${side} ${ms.toFixed(0)} ms`).join(', ')}`);
        const work = { operations: operationsOf(plan), items: batch * tokens, unit: 'tokens/s' };
        figures.push(...figuresOf(name, work, times, plain));
      }
    }
  } finally {
    torch?.close();
  }
  const options = { python, threads, rounds, quick, say };
  return pictures === 'none' ? figures : [...figures, ...(await pictureRows(pictures.split(','), options))];
}

function batchesOf(text: string): readonly (readonly [number, number])[] {
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const match = /^(\d+)x(\d+)$/.exec(part);
    if (match === null) throw new Error(`--batches ${text}: products x tokens, as 16x64`);
    return [Number(match[1]), Number(match[2])];
  });
}
