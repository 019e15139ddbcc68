/**
 * Large encoders with random weights, BERT-base (110 M parameters) and XLM-R base (278 M): time and peak memory of a
 * training step, and how long their weights take to save and to read back, beside PyTorch. Each turn is a process of
 * its own, one at a time, so that two of them never share the memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import type { ClassifierPlan, EncoderConfig } from './training/classifier.ts';
import type { LargeRun } from './training/large-model.ts';
import { TorchClassifier } from './training/torch-classifier.ts';

const BASE: EncoderConfig = {
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
};
const MODELS: Readonly<Record<string, EncoderConfig>> = {
  'bert-base': BASE,
  'xlm-r-base': {
    ...BASE,
    model_type: 'xlm-roberta',
    vocab_size: 250_002,
    max_position_embeddings: 514,
    type_vocab_size: 1,
    layer_norm_eps: 1e-5,
    pad_token_id: 1,
  },
};
const TINY = { hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 64 };

export const OPTIONS: OwnOptions = {
  models: `which models, divided by commas (default ${Object.keys(MODELS).join(',')})`,
  batch: 'products in a step (default 8)',
  tokens: 'tokens of a product (default 64)',
  steps: 'counted steps of a turn, after one to warm up (default 3)',
  rounds: 'turns of each side (default 2)',
  threads: 'threads of both sides (default one a core)',
  quick: '`yes` for the same models with tiny layers and vocabularies, to see that it works',
};

const CLASSES = 20;
const WARM_UPS = 1;

export async function run({ own, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const quick = own.quick === 'yes';
  const names = (own.models ?? Object.keys(MODELS).join(',')).split(',');
  const unknown = names.filter((name) => !Object.hasOwn(MODELS, name));
  if (unknown.length > 0) throw new Error(`--models: there is no "${unknown[0]}"`);
  const rounds = Number(own.rounds ?? (quick ? 1 : 2));
  const steps = WARM_UPS + Number(own.steps ?? (quick ? 1 : 3));
  if (python === undefined) say('PyTorch is missing: give --python.');
  const folder = await mkdtemp(join(tmpdir(), 'attune-large-'));
  const figures: Figure[] = [];
  try {
    for (const name of names) {
      const plan: ClassifierPlan = {
        encoder: quick ? { ...MODELS[name]!, ...TINY, vocab_size: 1000 } : MODELS[name]!,
        classes: CLASSES,
        batch: Number(own.batch ?? (quick ? 2 : 8)),
        tokens: Number(own.tokens ?? (quick ? 8 : 64)),
        frozen: false,
        threads: Number(own.threads ?? availableParallelism()),
      };
      const ours: LargeRun[] = [];
      const theirs: LargeRun[] = [];
      for (let round = 0; round < rounds; round++) {
        ours.push(await attuneInChild(plan, join(folder, 'attune'), steps));
        if (python !== undefined) theirs.push(await torchInChild(python, plan, join(folder, 'torch'), steps));
        say(`${name}: turn ${round + 1} of ${rounds} is done`);
      }
      figures.push(...figuresOf(`${name} ${plan.batch}x${plan.tokens}`, ours, theirs));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

const MEASURES = [
  {
    what: 'step fp32',
    unit: 'ms',
    of: (turns: readonly LargeRun[]) => median(turns.flatMap((turn) => turn.steps.slice(WARM_UPS))),
  },
  {
    what: 'peak memory',
    unit: 'MB',
    of: (turns: readonly LargeRun[]) => median(turns.map((turn) => turn.peakMb)),
  },
  {
    what: 'save',
    unit: 's',
    of: (turns: readonly LargeRun[]) => median(turns.map((turn) => turn.saveSeconds)),
  },
  {
    what: 'load',
    unit: 's',
    of: (turns: readonly LargeRun[]) => median(turns.map((turn) => turn.loadSeconds)),
  },
] as const;

function figuresOf(name: string, ours: readonly LargeRun[], theirs: readonly LargeRun[]): Figure[] {
  return MEASURES.map(({ what, unit, of }) => {
    const work = `${name} ${what}`;
    if (theirs.length === 0) return { name: work, value: of(ours), unit };
    return beside(work, unit, of(ours), { name: 'pytorch fp32', value: of(theirs) }, 'less');
  });
}

async function attuneInChild(plan: ClassifierPlan, folder: string, steps: number): Promise<LargeRun> {
  const script = fileURLToPath(new URL('./training/large-model.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(plan), folder, String(steps)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`The process of ${plan.encoder.model_type} ended with ${code ?? signal}.`);
  return JSON.parse(said) as LargeRun;
}

async function torchInChild(
  python: string,
  plan: ClassifierPlan,
  folder: string,
  steps: number,
): Promise<LargeRun> {
  const torch = TorchClassifier.start(python, plan.threads);
  try {
    await torch.build(plan);
    const times = await torch.steps(steps, 'fp32');
    const peakMb = await torch.peakMb();
    const saveSeconds = await torch.save(folder);
    return { steps: times, peakMb, saveSeconds, loadSeconds: await torch.load(folder) };
  } finally {
    torch.close();
  }
}
