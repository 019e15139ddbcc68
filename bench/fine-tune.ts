/**
 * Whole epochs of fine-tuning on real titles, in products a second: our training loop (which reads, tokenises, batches
 * and steps) beside the transformers Trainer on the same titles, checkpoint and products a step, its titles tokenised
 * beforehand, padded by the batch and grouped by length.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hashString } from '../src/base/random.ts';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { type Contender, inTurn, Peer } from './runner/peer.ts';
import { AttuneEpochs, type EpochPlan } from './training/attune-epoch.ts';
import { type LabelledTitle, TITLES } from './training/titles.ts';

export const OPTIONS: OwnOptions = {
  model: 'folder of the checkpoint to start from (all-MiniLM-L6-v2); needed for the peer',
  sets: `data sets, divided by commas: ${Object.keys(TITLES).join(', ')} (default all)`,
  rows: 'most titles of a data set, chosen by hash (default 2000)',
  batch: 'products in a step (default 16)',
  rounds: 'counted epochs of each side (default 3)',
  threads: 'threads of both sides (default one a core)',
  quick: '`yes` for a handful of titles and one epoch, to see that it works',
};

const MAX_TOKENS = 64;
const LEARNING_RATE = 5e-5;
const WEIGHT_DECAY = 0.01;
/** bf16 is left out when it is this many times slower than fp32: the Trainer is measured at its better. */
const SLOWER = 1.5;

export async function run({ own, data, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const quick = own.quick === 'yes';
  const names = (own.sets ?? Object.keys(TITLES).join(',')).split(',');
  const unknown = names.filter((name) => !Object.hasOwn(TITLES, name));
  if (unknown.length > 0) throw new Error(`--sets: there is no data set "${unknown[0]}"`);
  const scratch = await mkdtemp(join(tmpdir(), 'attune-fine-tune-'));
  const figures: Figure[] = [];
  try {
    for (const name of names) {
      const titles = sample(await TITLES[name]!(data), Number(own.rows ?? (quick ? 48 : 2000)));
      const folder = join(scratch, name);
      await mkdir(folder);
      const plan: EpochPlan = {
        model: own.model === undefined ? undefined : resolve(own.model),
        batchSize: Number(own.batch ?? 16),
        maxTokens: MAX_TOKENS,
        learningRate: LEARNING_RATE,
        weightDecay: WEIGHT_DECAY,
        threads: Number(own.threads ?? availableParallelism()),
        scratch: folder,
      };
      const rounds = Number(own.rounds ?? (quick ? 1 : 3));
      figures.push(...(await fineTune(name, titles, plan, python, rounds, say)));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return figures;
}

/** Titles by the order of their hash, so that a part is like the whole. */
function sample(titles: readonly LabelledTitle[], limit: number): readonly LabelledTitle[] {
  const place = titles.map((title, i) => ({ title, at: hashString(`${i} ${title.text}`) }));
  return place
    .sort((a, b) => a.at - b.at)
    .slice(0, limit)
    .map(({ title }) => title);
}

const OURS = 'attune';

async function fineTune(
  name: string,
  titles: readonly LabelledTitle[],
  plan: EpochPlan,
  python: string | undefined,
  rounds: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const ours = await AttuneEpochs.open(titles, plan);
  const losses = new Map<string, number>();
  const mine: Contender = {
    name: OURS,
    once: async () => {
      const { seconds, products, loss } = await ours.once();
      losses.set(OURS, loss);
      return products / seconds;
    },
  };
  let peer: Peer | undefined;
  try {
    const peers: Contender[] = [];
    if (python === undefined || plan.model === undefined)
      say('The transformers Trainer is missing: give --python and --model.');
    else {
      peer = Peer.start(python, [resolve('bench/peers/fine_tune.py')], { threads: plan.threads });
      peers.push(...(await trainers(peer, titles, plan, losses, say)));
    }
    const order = peers.length === 0 ? [mine] : peers.flatMap((each) => [mine, each]);
    const speeds = await inTurn(order, rounds, 0);
    const rows = ours.wordRows === undefined ? '' : `, ${ours.wordRows} word rows in use`;
    const seen = [...losses].map(([side, loss]) => `${side} ${loss.toFixed(3)}`).join(', ');
    say(`${name}: ${titles.length} titles${rows}; mean loss of the epoch: ${seen}`);
    const work = `${name} epoch fp32`;
    const value = median(speeds.get(OURS)!);
    if (peers.length === 0) return [{ name: work, value, unit: 'products/s' }];
    return peers.map((each) =>
      beside(work, 'products/s', value, { name: each.name, value: median(speeds.get(each.name)!) }),
    );
  } finally {
    peer?.close();
    ours.close();
  }
}

/** The Trainer in each precision that is worth it. */
async function trainers(
  peer: Peer,
  titles: readonly LabelledTitle[],
  { model, batchSize, maxTokens, learningRate, weightDecay, threads, scratch }: EpochPlan,
  losses: Map<string, number>,
  say: (text: string) => void,
): Promise<Contender[]> {
  const path = join(scratch, 'peer.json');
  await writeFile(path, JSON.stringify(titles));
  const common = { batch: batchSize, learningRate, weightDecay, out: join(scratch, 'peer') };
  await peer.ask({ load: model, titles: path, maxTokens, threads });
  const epoch = async (precision: string, rows?: number) => {
    const reply = await peer.ask({ epoch: true, precision, ...common, rows: rows ?? titles.length });
    return reply as { seconds: number; products: number; loss: number };
  };
  const side = (precision: string): Contender => ({
    name: `transformers Trainer ${precision}`,
    once: async () => {
      const { seconds, products, loss } = await epoch(precision);
      losses.set(`Trainer ${precision}`, loss);
      return products / seconds;
    },
  });
  await epoch('fp32', 2 * batchSize);
  const fp32 = await epoch('fp32', 2 * batchSize);
  const bf16 = await epoch('bf16', batchSize);
  const slower = bf16.seconds / bf16.products / (fp32.seconds / fp32.products);
  if (slower <= SLOWER) return [side('fp32'), side('bf16')];
  say(`The Trainer in bf16 is left out: a product takes ${slower.toFixed(1)} times what it takes in fp32.`);
  return [side('fp32')];
}
