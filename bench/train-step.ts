/**
 * One training step (forward, backward, AdamW, dropout) of a 6-layer, 384-wide BERT with a 20-class head, beside the same
 * model in PyTorch: everything trained, the embeddings frozen, and only the vocabulary's rows in use (both sides get the
 * smaller table, as a run on a catalog has it).
 */
import { availableParallelism } from 'node:os';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { type Contender, inTurn } from './runner/peer.ts';
import { Classifier, type ClassifierPlan, type EncoderConfig, operationsOf } from './training/classifier.ts';
import { type MatmulSize, matmulSpeed } from './training/matmul-speed.ts';
import { type Precision, TorchClassifier, usefulPrecisions } from './training/torch-classifier.ts';

export const OPTIONS: OwnOptions = {
  batches: 'batches as products x tokens, divided by commas (default 16x64,32x128)',
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
const STEPS_A_TURN = 3;
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
  const torch = python === undefined ? undefined : TorchClassifier.start(python, threads);
  if (torch === undefined) say('PyTorch is missing: give --python.');
  try {
    for (const [batch, tokens] of batchesOf(own.batches ?? (quick ? '2x8' : '16x64,32x128'))) {
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
        const times = await timeSteps(plan, torch, precisions ?? [], rounds);
        const name = `${batch}x${tokens} ${row} fp32`;
        say(`${name}: ${[...times].map(([side, ms]) => `${side} ${ms.toFixed(0)} ms`).join(', ')}`);
        figures.push(...figuresOf(name, plan, times, plain));
      }
    }
  } finally {
    torch?.close();
  }
  return figures;
}

function batchesOf(text: string): readonly (readonly [number, number])[] {
  return text.split(',').map((part) => {
    const match = /^(\d+)x(\d+)$/.exec(part);
    if (match === null) throw new Error(`--batches ${text}: products x tokens, as 16x64`);
    return [Number(match[1]), Number(match[2])];
  });
}

const OURS = 'attune';

/** Median milliseconds of a step, by side. */
async function timeSteps(
  plan: ClassifierPlan,
  torch: TorchClassifier | undefined,
  precisions: readonly Precision[],
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const ours = await Classifier.create(plan);
  try {
    const mine: Contender = { name: OURS, once: async () => median(await ours.steps(STEPS_A_TURN)) };
    const peers = precisions.map(
      (precision): Contender => ({
        name: `pytorch ${precision}`,
        once: async () => median(await torch!.steps(STEPS_A_TURN, precision)),
      }),
    );
    // Ours before each peer, so that both see the machine in the same mood.
    const order = peers.length === 0 ? [mine] : peers.flatMap((peer) => [mine, peer]);
    const times = await inTurn(order, rounds);
    return new Map([...times].map(([side, values]) => [side, median(values)]));
  } finally {
    await ours.close();
  }
}

/** @param times - milliseconds by side; @param plain - what a matrix product reaches, in GFLOP/s */
function figuresOf(
  name: string,
  plan: ClassifierPlan,
  times: ReadonlyMap<string, number>,
  plain: number,
): Figure[] {
  const operations = operationsOf(plan);
  const gflops = (ms: number) => operations / ms / 1e6;
  const ours = times.get(OURS)!;
  const measures = [
    { unit: 'ms', better: 'less', of: (ms: number) => ms },
    { unit: 'tokens/s', better: 'more', of: (ms: number) => ((plan.batch * plan.tokens) / ms) * 1000 },
    { unit: 'GFLOP/s', better: 'more', of: gflops },
  ] as const;
  const peers = [...times].filter(([side]) => side !== OURS);
  const figures = measures.flatMap(({ unit, better, of }): Figure[] =>
    peers.length === 0
      ? [{ name, value: of(ours), unit }]
      : peers.map(([side, ms]) => beside(name, unit, of(ours), { name: side, value: of(ms) }, better)),
  );
  return [...figures, { name, value: (100 * gflops(ours)) / plain, unit: '% of matmul' }];
}
