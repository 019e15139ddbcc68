/** Ours in two forms, both given the training rows and asked for the test rows: the wide part alone, and the whole model. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '../../src/attune/config.ts';
import { train } from '../../src/attune.ts';
import { Random } from '../../src/base/random.ts';
import type { KnownLabel } from '../../src/models/attribute/labels.ts';
import { type ChoiceSpec, choiceColumns } from '../../src/models/attribute/spec.ts';
import { trainWide, type WideExample } from '../../src/models/wide/train-wide.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import type { ClassificationRow, DataSet } from './data.ts';
import type { PredictedRow } from './scores.ts';

export type Task = {
  readonly set: DataSet;
  readonly train: readonly ClassificationRow[];
  readonly test: readonly ClassificationRow[];
};

const RECOMMENDED = 'Recommended IND';
const BATCH = 256;

export async function wideAlone({ set, train: rows, test }: Task): Promise<readonly PredictedRow[]> {
  const choices = set.attributes.map((attribute): ChoiceSpec => {
    const values = [...new Set(rows.flatMap(({ labels }) => labels[attribute] ?? []))].sort();
    return { attribute, kind: 'choice', values, notApplicable: false };
  });
  const examples = rows.map(({ texts, labels }): WideExample => {
    const known = Object.entries(labels).map(([attribute, value]): [string, KnownLabel] => [
      attribute,
      { state: 'values', values: [value] },
    ]);
    return { texts, labels: Object.fromEntries(known) };
  });
  const stream = async function* (pass: number) {
    const order = new Random(1, pass).shuffled(examples);
    for (let at = 0; at < order.length; at += BATCH) yield order.slice(at, at + BATCH);
  };
  const model = await trainWide(stream, { choices });
  const columns = choiceColumns(choices);
  return test.map((row) => {
    const logits = model.scores(row);
    const own = (i: number) => logits.subarray(columns[i]!.start, columns[i]!.start + columns[i]!.size);
    const recommended = choices.findIndex(({ attribute }) => attribute === RECOMMENDED);
    return {
      values: Object.fromEntries(
        choices.map(({ attribute, values }, i) => [
          attribute,
          values[own(i).indexOf(Math.max(...own(i)))] ?? '',
        ]),
      ),
      recommended: recommended < 0 ? undefined : chanceOf(choices[recommended]!, own(recommended)),
    };
  });
}

/** The difference of the two logits orders rows as the probability does. */
function chanceOf({ values }: ChoiceSpec, logits: Float32Array): number {
  return logits[values.indexOf('1')]! - logits[values.indexOf('0')]!;
}

export type WholeModel = {
  /** Folder of the checkpoint to start from. */
  readonly model: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly threads: number;
  /** For files of this run alone. */
  readonly scratch: string;
  readonly say: (text: string) => void;
};

const DEV_SHARE = 0.08;
const TOKENS: Readonly<Record<string, number>> = { title: 32, Title: 24, 'Review Text': 128 };

/** The fine-tuned encoder and the wide part, as `attune train` makes them. */
export async function wholeModel(
  { set, train: rows, test }: Task,
  { model, epochs, learningRate, threads, scratch, say }: WholeModel,
): Promise<readonly PredictedRow[]> {
  await mkdir(scratch, { recursive: true });
  const path = join(scratch, 'train.jsonl');
  const lines = rows.map(({ id, group, texts, labels }) => {
    const fields = Object.fromEntries(set.fields.map((field, i) => [`text ${field}`, texts[i]!]));
    return JSON.stringify({ id, group, ...fields, ...labels });
  });
  await writeFile(path, `${lines.join('\n')}\n`);
  const config = configSchema.parse({
    data: { path, id: 'id', group: 'group', split: { by: 'hash', dev: DEV_SHARE, test: 0 } },
    inputs: Object.fromEntries(
      set.fields.map((field) => [
        field,
        { kind: 'text', column: `text ${field}`, maxTokens: TOKENS[field] ?? 64 },
      ]),
    ),
    attributes: Object.fromEntries(set.attributes.map((name) => [name, 'choice'])),
    model: { text: model },
    training: { epochs, learningRate, batchSize: 32, patience: epochs, threads },
  });
  const out = join(scratch, 'bundle');
  await train({
    config,
    out,
    onEpoch: ({ epoch, trainLoss, devScore }) =>
      say(`    epoch ${epoch}: loss ${trainLoss.toFixed(4)}, dev ${devScore?.toFixed(4) ?? 'none'}`),
  });
  const predictor = await BundlePredictor.open(await readBundle(out), { threads });
  try {
    const answers = await predictor.runner.answer(
      test.map(({ texts }) => ({ category: undefined, texts })),
      { topK: 2, spanThreshold: 0.5 },
    );
    return answers.map((byAttribute) => ({
      values: Object.fromEntries(
        set.attributes.map((attribute) => [attribute, String(byAttribute[attribute]?.values[0] ?? '')]),
      ),
      recommended: byAttribute[RECOMMENDED]?.alternatives.find(({ value }) => value === '1')?.probability,
    }));
  } finally {
    await predictor.close();
  }
}
