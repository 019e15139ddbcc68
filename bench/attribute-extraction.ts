/**
 * How well attributes are extracted: OA-Mine, AE-110K and WDC-PAVE with one config, by the data sets' own metric, beside
 * a lexicon alone and a token-classification fine-tune of the same checkpoint in transformers.
 *
 * Without test files a fifth of the training rows is set aside, near-copies on one side.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attunePredictions } from './extraction/attune-side.ts';
import { lexiconAlone } from './extraction/lexicon-alone.ts';
import { type ExtractionProduct, readProducts, schemaOf, setAside } from './extraction/rows.ts';
import { METRICS, type Metric, type Predicted, type Scores, scoreBy } from './extraction/scores.ts';
import { beside, type Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { Peer } from './runner/peer.ts';

const SETS = {
  'oa-mine': 'extractgpt/oa-mine/train.jsonl',
  'ae-110k': 'extractgpt/ae-110k/train.jsonl',
  wdc: 'wdc-pave/wdc_with_all_attributes/train_large.jsonl',
} as const;
type SetName = keyof typeof SETS;

export const OPTIONS: OwnOptions = {
  model: 'folder of the checkpoint to start from (all-MiniLM-L6-v2)',
  seeds: 'seeds to average over, divided by commas (default 1,2,3)',
  sets: `data sets, divided by commas (default ${Object.keys(SETS).join(',')})`,
  epochs: 'passes over the training rows, ours (default 8)',
  ensemble: 'models whose scores are averaged, ours (default 3)',
  'peer-epochs': "the peer's passes (default 10)",
  threads: 'threads of ours and of the peer (default one a core)',
  'oa-mine-test': 'test rows of OA-Mine, in the format of its training rows',
  'ae-110k-test': 'test rows of AE-110K',
  'wdc-test': 'test rows of WDC-PAVE',
};

const TEST_SHARE = 0.2;
const SPLIT_SEED = 1;
const PEER = fileURLToPath(new URL('../../bench/peers/token_classification.py', import.meta.url));

export async function run({ own, data, python, say }: BenchOptions): Promise<readonly Figure[]> {
  if (own.model === undefined) throw new Error('--model FOLDER: where all-MiniLM-L6-v2 is');
  const seeds = (own.seeds ?? '1,2,3').split(',').map(Number);
  const names = (own.sets ?? Object.keys(SETS).join(',')).split(',') as SetName[];
  const unknown = names.find((name) => !(name in SETS));
  if (unknown !== undefined) throw new Error(`--sets: there is no data set "${unknown}"`);
  const settings = {
    model: resolve(own.model),
    seeds,
    epochs: Number(own.epochs ?? 8),
    ensemble: Number(own.ensemble ?? 3),
    peerEpochs: Number(own['peer-epochs'] ?? 10),
    threads: own.threads === undefined ? availableParallelism() : Number(own.threads),
    python,
    say,
  };
  const figures: Figure[] = [];
  const scratch = await mkdtemp(join(tmpdir(), 'attune-extraction-'));
  try {
    for (const name of names) {
      const given = own[`${name}-test`];
      const all = readProducts(join(data, SETS[name]));
      const [train, test] =
        given === undefined ? setAside(all, TEST_SHARE, SPLIT_SEED) : [all, readProducts(given)];
      const part = given === undefined ? 'own split' : 'given test rows';
      say(`${name}: ${train.length} training rows, ${test.length} test rows (${part})`);
      figures.push(...(await compare(name, train, test, settings, join(scratch, name))));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return figures;
}

type Settings = {
  readonly model: string;
  readonly seeds: readonly number[];
  readonly epochs: number;
  readonly ensemble: number;
  readonly peerEpochs: number;
  readonly threads: number;
  readonly python: string | undefined;
  readonly say: (text: string) => void;
};

async function compare(
  name: string,
  train: readonly ExtractionProduct[],
  test: readonly ExtractionProduct[],
  { model, seeds, epochs, ensemble, peerEpochs, threads, python, say }: Settings,
  scratch: string,
): Promise<readonly Figure[]> {
  const schema = schemaOf(train);
  const scored = (metric: Metric, predicted: readonly Predicted[]) =>
    scoreBy(metric, test, predicted, schema);
  const lexicon = lexiconAlone(train, test, schema);
  const peer = python === undefined ? undefined : Peer.start(python, [PEER], { threads });
  const ours: Record<Metric, Scores[]> = { listed: [], 'full schema': [] };
  const theirs: Record<Metric, Scores[]> = { listed: [], 'full schema': [] };
  try {
    for (const seed of seeds) {
      say(`  ${name}, seed ${seed}`);
      const mine = await attunePredictions({
        train,
        test,
        schema,
        model,
        seed,
        epochs,
        ensemble,
        threads,
        scratch: `${scratch}-${seed}`,
        say,
      });
      for (const metric of METRICS) {
        ours[metric].push(scored(metric, mine[metric]));
        say(`    ${metric}: F1 ${percent(ours[metric].at(-1)!.f1).toFixed(2)}`);
      }
      if (!peer) continue;
      const reply = await peer.ask({ model, seed, epochs: peerEpochs, train, test });
      for (const metric of METRICS) {
        theirs[metric].push(scored(metric, reply.predicted as Predicted[]));
        say(`    ${metric}: token classification F1 ${percent(theirs[metric].at(-1)!.f1).toFixed(2)}`);
      }
    }
  } finally {
    peer?.close();
  }
  return METRICS.flatMap((metric) => {
    const f1 = mean(ours[metric], 'f1');
    const work = `${name} ${metric}`;
    const figures: Figure[] = [
      { name: `${work} precision`, value: mean(ours[metric], 'precision'), unit: '%' },
      { name: `${work} recall`, value: mean(ours[metric], 'recall'), unit: '%' },
      { name: `${work} macro F1`, value: mean(ours[metric], 'macroF1'), unit: '%' },
      beside(`${work} F1`, '%', f1, { name: 'lexicon alone', value: percent(scored(metric, lexicon).f1) }),
    ];
    if (theirs[metric].length === 0) return figures;
    const peerF1 = { name: 'token classification', value: mean(theirs[metric], 'f1') };
    return [...figures, beside(`${work} F1`, '%', f1, peerF1)];
  });
}

const percent = (share: number) => 100 * share;

function mean(scores: readonly Scores[], key: keyof Scores): number {
  return percent(scores.reduce((sum, each) => sum + each[key], 0) / scores.length);
}
