/**
 * How well short texts are classified: Myntra's seven attributes from the title, the women's reviews' recommendation,
 * rating, department and class from the text, beside TF-IDF and logistic regression in scikit-learn. First the wide part
 * alone, then the whole model: the fine-tuned encoder and the wide part together.
 *
 * A fifth of the rows is set aside: by title (Myntra), by product (reviews).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeModel, wideAlone } from './classification/contenders.ts';
import { MYNTRA, REVIEWS, readRows, split } from './classification/data.ts';
import { type PredictedRow, type Score, scores } from './classification/scores.ts';
import { beside, type Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { Peer } from './runner/peer.ts';

const SETS = [MYNTRA, REVIEWS];

export const OPTIONS: OwnOptions = {
  model:
    'folder of the checkpoint to start from (all-MiniLM-L6-v2); without it only the wide part is measured',
  sets: `data sets, divided by commas (default ${SETS.map(({ name }) => name).join(',')})`,
  'train-rows': 'most training rows of a data set (default all)',
  threads: 'threads of the fine-tuning (default one a core)',
  epochs: 'passes of the fine-tuning (default 3)',
  'learning-rate': 'peak rate of the encoder (default 1e-4)',
};

const PEER = fileURLToPath(new URL('../../bench/peers/tfidf_logistic.py', import.meta.url));
const PEER_NAME = 'tf-idf + logistic regression';

export async function run({ own, data, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const names = (own.sets ?? SETS.map(({ name }) => name).join(',')).split(',');
  const sets = names.map((name) => {
    const set = SETS.find((each) => each.name === name);
    if (!set) throw new Error(`--sets: there is no data set "${name}"`);
    return set;
  });
  const limit = own['train-rows'] === undefined ? undefined : Number(own['train-rows']);
  const scratch = await mkdtemp(join(tmpdir(), 'attune-classification-'));
  const figures: Figure[] = [];
  try {
    for (const set of sets) {
      const [train, test] = split(set, await readRows(data, set), limit);
      const task = { set, train, test };
      say(`${set.name}: ${train.length} training rows, ${test.length} test rows`);
      const peer = python === undefined ? undefined : scores(set, test, await askPeer(python, task));
      if (peer) say('  scikit-learn is done');
      figures.push(...compared('wide part', scores(set, test, await wideAlone(task)), peer));
      say('  the wide part is done');
      if (own.model === undefined) continue;
      const predicted = await wholeModel(task, {
        model: resolve(own.model),
        epochs: Number(own.epochs ?? 3),
        threads: own.threads === undefined ? availableParallelism() : Number(own.threads),
        learningRate: Number(own['learning-rate'] ?? 1e-4),
        scratch: join(scratch, set.name),
        say,
      });
      figures.push(...compared('whole model', scores(set, test, predicted), peer));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return figures;
}

function compared(
  what: string,
  ours: readonly Score[],
  theirs: readonly Score[] | undefined,
): readonly Figure[] {
  return ours.map(({ name, value, better }, i) => {
    const unit = better === 'more' ? '%' : 'stars';
    const work = `${name}, ${what}`;
    if (theirs === undefined) return { name: work, value, unit };
    return beside(work, unit, value, { name: PEER_NAME, value: theirs[i]!.value }, better);
  });
}

async function askPeer(python: string, { set, train, test }: Parameters<typeof wideAlone>[0]) {
  const peer = Peer.start(python, [PEER], { threads: 1 });
  try {
    const reply = await peer.ask({
      attributes: set.attributes,
      train: train.map(({ texts, labels }) => ({ text: texts.join(' '), labels })),
      test: test.map(({ texts }) => texts.join(' ')),
      probabilityOf: 'Recommended IND',
    });
    return reply.predicted as PredictedRow[];
  } finally {
    peer.close();
  }
}
