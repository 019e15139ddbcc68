/** Attune on an extraction data set, through the library: files in, a bundle out, the bundle asked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema, train } from '../../src/attune.ts';
import { hash32 } from '../../src/base/random.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import { type ExtractionProduct, schemaOf, setAside } from './rows.ts';
import { type Metric, type Predicted, scoreBy } from './scores.ts';

export type AttuneRun = {
  readonly train: readonly ExtractionProduct[];
  readonly test: readonly ExtractionProduct[];
  readonly schema: ReadonlyMap<string, ReadonlySet<string>>;
  /** Folder of the checkpoint to start from. */
  readonly model: string;
  readonly seed: number;
  readonly epochs: number;
  readonly threads: number;
  /** For files of this run alone. */
  readonly scratch: string;
  readonly say: (text: string) => void;
};

/** Share of the training products that choose the epoch and the thresholds. */
const DEV_SHARE = 0.1;
/** Another hash than that which set the test rows aside: those of the lowest hashes are gone. */
const DEV_SPLIT = 0xde5;
const THRESHOLDS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const DESCRIPTION_TOKENS = 160;

/** The one config of all data sets. */
const TRAINING = { batchSize: 16, learningRate: 2e-4, headLearningRate: 1e-3, unlistedWeight: 1 };

/** What is predicted for each test product under each metric: they ask for different thresholds, chosen on dev rows. */
export async function attunePredictions(
  run: AttuneRun,
): Promise<Readonly<Record<Metric, readonly Predicted[]>>> {
  const { scratch, seed, say } = run;
  const [rest, dev] = setAside(run.train, DEV_SHARE, hash32(DEV_SPLIT, seed));
  if (dev.length === 0) throw new Error(`${run.train.length} rows are too few to set some aside.`);
  await mkdir(scratch, { recursive: true });
  const paths = { train: join(scratch, 'train.jsonl'), dev: join(scratch, 'dev.jsonl') };
  await writeFile(paths.train, linesOf('train', rest));
  await writeFile(paths.dev, linesOf('dev', dev));
  const described = run.train.some(({ description }) => description !== '');
  const attributes = new Set([...schemaOf(run.train).values()].flatMap((names) => [...names]));
  const config = configSchema.parse({
    data: {
      path: paths.train,
      id: 'id',
      category: 'category',
      layout: 'nested',
      split: { by: 'files', files: { dev: paths.dev }, test: 0, seed },
    },
    inputs: {
      title: 'text',
      ...(described ? { description: { kind: 'text', maxTokens: DESCRIPTION_TOKENS } } : {}),
    },
    attributes: Object.fromEntries([...attributes].sort().map((name) => [name, 'extract'])),
    model: { text: run.model },
    training: { ...TRAINING, epochs: run.epochs, patience: run.epochs, threads: run.threads, seed },
  });
  const out = join(scratch, 'bundle');
  await train({
    config,
    out,
    onEpoch: ({ epoch, trainLoss, devScore }) =>
      say(`    epoch ${epoch}: loss ${trainLoss.toFixed(4)}, dev ${devScore?.toFixed(4) ?? 'none'}`),
  });
  const predictor = await BundlePredictor.open(await readBundle(out), { threads: run.threads });
  try {
    const onDev = await guesses(predictor, dev);
    const onTest = await guesses(predictor, run.test);
    const answered = (metric: Metric) => {
      const threshold = bestThreshold(metric, dev, onDev, run.schema);
      say(`    ${metric}: answers from ${threshold}`);
      return onTest.map((guess) => above(guess, threshold));
    };
    return { listed: answered('listed'), 'full schema': answered('full schema') };
  } finally {
    await predictor.close();
  }
}

function linesOf(side: string, products: readonly ExtractionProduct[]): string {
  const lines = products.map(({ title, description, category, targets }, i) => {
    const attributes = Object.fromEntries(
      Object.entries(targets).map(([name, values]) => [name, values.length > 0 ? values : ['n/a']]),
    );
    return JSON.stringify({ id: `${side}-${i}`, title, description, category, attributes });
  });
  return `${lines.join('\n')}\n`;
}

/** The best value of each attribute, and how sure the model is that there is one. */
type Guess = Readonly<Record<string, { readonly value: string; readonly probability: number }>>;

const ALTERNATIVES = 12;

async function guesses(
  predictor: BundlePredictor,
  products: readonly ExtractionProduct[],
): Promise<readonly Guess[]> {
  const answers = await predictor.runner.answer(
    products.map(({ title, description, category }) => ({
      category,
      texts: predictor.fields.map((field) => (field === 'title' ? title : description)),
    })),
    { topK: ALTERNATIVES, spanThreshold: 0 },
  );
  return answers.map((byAttribute) =>
    Object.fromEntries(
      Object.entries(byAttribute).flatMap(([attribute, { alternatives }]) => {
        const best = alternatives[0];
        if (best === undefined) return [];
        const probability = alternatives.reduce((sum, each) => sum + each.probability, 0);
        return [[attribute, { value: String(best.value), probability }] as const];
      }),
    ),
  );
}

function above(guess: Guess, threshold: number): Predicted {
  return Object.fromEntries(
    Object.entries(guess)
      .filter(([, { probability }]) => probability >= threshold)
      .map(([attribute, { value }]) => [attribute, value]),
  );
}

function bestThreshold(
  metric: Metric,
  products: readonly ExtractionProduct[],
  guessed: readonly Guess[],
  schema: AttuneRun['schema'],
): number {
  const scored = THRESHOLDS.map((threshold) => {
    const predicted = guessed.map((guess) => above(guess, threshold));
    return { threshold, f1: scoreBy(metric, products, predicted, schema).f1 };
  });
  return scored.reduce((best, each) => (each.f1 > best.f1 ? each : best)).threshold;
}
