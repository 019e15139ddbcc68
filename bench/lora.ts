/**
 * One training step of a low-rank adapter on a 6-layer, 384-wide BERT with a 20-class head, beside a step that trains
 * everything and beside the same adapter in PyTorch with PEFT; and what each trains and holds in memory.
 */
import { availableParallelism } from 'node:os';
import type { LoraSpec } from '../src/models/layers/lora.ts';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { type Contender, inTurn } from './runner/peer.ts';
import { Classifier, type ClassifierPlan, type EncoderConfig } from './training/classifier.ts';
import { type Precision, TorchClassifier, usefulPrecisions } from './training/torch-classifier.ts';

export const OPTIONS: OwnOptions = {
  rank: 'rank of the adapters (default 8)',
  rounds: 'counted turns of each side (default 9)',
  threads: 'threads of both sides (default one a core)',
  quick: '`yes` for a tiny model and one turn, to see that it works',
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
const FULL = 'attune all fp32';

export async function run({ own, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const quick = own.quick === 'yes';
  const rounds = Number(own.rounds ?? (quick ? 1 : 9));
  const [batch, tokens] = quick ? [2, 8] : [16, 64];
  const base: ClassifierPlan = {
    encoder: quick ? TINY : MINILM,
    classes: CLASSES,
    batch,
    tokens,
    frozen: false,
    threads: Number(own.threads ?? availableParallelism()),
  };
  const rank = Number(own.rank ?? 8);
  const lora = (targets: LoraSpec['targets']): ClassifierPlan => {
    return { ...base, lora: { rank, alpha: 2 * rank, dropout: 0, targets } };
  };
  const rows: readonly (readonly [string, ClassifierPlan])[] = [
    ['all', base],
    ['embeddings frozen', { ...base, frozen: true }],
    [`lora ${rank} query, value`, lora(['query', 'value'])],
    [`lora ${rank} all linear`, lora('all-linear')],
  ];
  if (python === undefined) say('PyTorch is missing: give --python.');
  const torch = python === undefined ? undefined : TorchClassifier.start(python, base.threads);
  const precisions: readonly Precision[] = torch ? await usefulPrecisions(torch, say) : [];
  const full = await Classifier.create(base);
  const figures: Figure[] = [];
  try {
    for (const [row, plan] of rows) {
      await torch?.build(plan);
      const ours = plan === base ? full : await Classifier.create(plan);
      const times = await timed(ours, full, torch, precisions, rounds);
      figures.push(...figuresOf(`${batch}x${tokens} ${row} fp32`, ours, full, times));
      say(`${row}: ${[...times].map(([side, ms]) => `${side} ${ms.toFixed(0)} ms`).join(', ')}`);
      if (ours !== full) await ours.close();
    }
  } finally {
    await full.close();
    torch?.close();
  }
  return figures;
}

const OURS = 'attune';

/** Median milliseconds of a step by side, all in turn. */
async function timed(
  ours: Classifier,
  full: Classifier,
  torch: TorchClassifier | undefined,
  precisions: readonly Precision[],
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const side = (name: string, steps: () => Promise<readonly number[]>): Contender => ({
    name,
    once: async () => median(await steps()),
  });
  const sides = [
    side(OURS, () => ours.steps(STEPS_A_TURN)),
    ...(ours === full ? [] : [side(FULL, () => full.steps(STEPS_A_TURN))]),
    ...precisions.map((each) => side(`pytorch ${each}`, () => torch!.steps(STEPS_A_TURN, each))),
  ];
  const times = await inTurn(sides, rounds);
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

function figuresOf(
  name: string,
  ours: Classifier,
  full: Classifier,
  times: ReadonlyMap<string, number>,
): readonly Figure[] {
  const value = times.get(OURS)!;
  const peers = [...times].filter(([side]) => side !== OURS);
  const steps: readonly Figure[] =
    peers.length === 0
      ? [{ name, value, unit: 'ms' }]
      : peers.map(([side, ms]) => beside(name, 'ms', value, { name: side, value: ms }, 'less'));
  const megabytes = (model: Classifier) => model.bytes / 2 ** 20;
  return [
    ...steps,
    ours === full
      ? { name, value: megabytes(full), unit: 'MB of state' }
      : beside(name, 'MB of state', megabytes(ours), { name: FULL, value: megabytes(full) }, 'less'),
    { name, value: (100 * ours.trained) / full.trained, unit: '% trained' },
  ];
}
