/** Attune on an extraction data set, through the library: files in, a bundle out, the bundle asked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '../../src/attune/config.ts';
import { train } from '../../src/attune.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import type { ExtractionProduct } from './rows.ts';
import type { Metric, Predicted } from './scores.ts';

export type AttuneRun = {
  readonly train: readonly ExtractionProduct[];
  readonly test: readonly ExtractionProduct[];
  readonly schema: ReadonlyMap<string, ReadonlySet<string>>;
  /** Folder of the checkpoint to start from. */
  readonly model: string;
  readonly seed: number;
  readonly epochs: number;
  /** Models whose scores are averaged. */
  readonly ensemble: number;
  readonly threads: number;
  /** For files of this run alone. */
  readonly scratch: string;
  readonly say: (text: string) => void;
};

const DESCRIPTION_TOKENS = 160;

/** The one config of all data sets. All training rows train, and the last epoch is the model. */
const TRAINING = {
  batchSize: 16,
  learningRate: 2e-4,
  headLearningRate: 1e-3,
  unlistedWeight: 1,
  swapValues: 0.2,
};

/** A value is predicted where it is at least this likely to be right. */
const LEAST_PROBABILITY = 0.5;

/** What is predicted for each test product under each metric. */
export async function attunePredictions(
  run: AttuneRun,
): Promise<Readonly<Record<Metric, readonly Predicted[]>>> {
  const { scratch, seed, say, schema } = run;
  await mkdir(scratch, { recursive: true });
  const path = join(scratch, 'train.jsonl');
  await writeFile(path, linesOf(run.train));
  const described = run.train.some(({ description }) => description !== '');
  const attributes = new Set([...schema.values()].flatMap((names) => [...names]));
  const config = configSchema.parse({
    data: { path, id: 'id', category: 'category', layout: 'nested', split: { by: 'hash', dev: 0, test: 0 } },
    inputs: {
      title: 'text',
      ...(described ? { description: { kind: 'text', maxTokens: DESCRIPTION_TOKENS } } : {}),
    },
    attributes: Object.fromEntries([...attributes].sort().map((name) => [name, 'extract'])),
    model: { text: run.model },
    training: { ...TRAINING, epochs: run.epochs, ensemble: run.ensemble, threads: run.threads, seed },
  });
  const out = join(scratch, 'bundle');
  await train({
    config,
    out,
    onEpoch: ({ epoch, trainLoss }) => say(`    epoch ${epoch}: loss ${trainLoss.toFixed(4)}`),
  });
  const predictor = await BundlePredictor.open(await readBundle(out), { threads: run.threads });
  try {
    const found = await guesses(predictor, run.test);
    const shares = listedShares(run.train, schema);
    return {
      listed: found.map((guess, i) =>
        answered(guess, (name) => shares.get(run.test[i]!.category)?.get(name) ?? 1),
      ),
      'full schema': found.map((guess) => answered(guess, () => 1)),
    };
  } finally {
    await predictor.close();
  }
}

function linesOf(products: readonly ExtractionProduct[]): string {
  const lines = products.map(({ title, description, category, targets }, i) => {
    const attributes = Object.fromEntries(
      Object.entries(targets).map(([name, values]) => [name, values.length > 0 ? values : ['n/a']]),
    );
    return JSON.stringify({ id: String(i), title, description, category, attributes });
  });
  return `${lines.join('\n')}\n`;
}

/**
 * Category -> attribute -> of the training products without a value, the share that lists the attribute as "n/a". The
 * model is taught that an unlisted attribute has no value; where only listed ones count, its "no value" counts as much.
 */
function listedShares(
  products: readonly ExtractionProduct[],
  schema: AttuneRun['schema'],
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const shares = [...schema].map(([category, attributes]) => {
    const own = products.filter((product) => product.category === category);
    const ofAttributes = [...attributes].map((attribute) => {
      const without = own.filter(({ targets }) => !targets[attribute]?.length);
      const listed = without.filter(({ targets }) => targets[attribute] !== undefined);
      return [attribute, without.length === 0 ? 1 : listed.length / without.length] as const;
    });
    return [category, new Map(ofAttributes)] as const;
  });
  return new Map(shares);
}

/** The best value of each attribute, how likely it is, and how likely any value is. */
type Guess = Readonly<
  Record<string, { readonly value: string; readonly probability: number; readonly anyValue: number }>
>;

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
        const anyValue = alternatives.reduce((sum, each) => sum + each.probability, 0);
        return [[attribute, { value: String(best.value), probability: best.probability, anyValue }] as const];
      }),
    ),
  );
}

/** @param shareOf - how much of the model's "no value" counts for an attribute; 0 to 1 */
function answered(guess: Guess, shareOf: (attribute: string) => number): Predicted {
  return Object.fromEntries(
    Object.entries(guess)
      .filter(([attribute, { probability, anyValue }]) => {
        const none = Math.max(0, 1 - anyValue) * shareOf(attribute);
        return probability >= LEAST_PROBABILITY * (anyValue + none);
      })
      .map(([attribute, { value }]) => [attribute, value]),
  );
}
