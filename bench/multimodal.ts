/**
 * How well pictures, sounds and texts together are read: Myntra's products from their pictures alone (an encoder that starts
 * from nothing, beside the same kind of network in PyTorch) and from title and picture; Livostyle's category and price (beside
 * ridge regression on TF-IDF); photographs of clothes; spoken digits and their speakers (beside MFCCs and a support vector
 * machine). Test rows are a part of the given ones that training and its dev score never see.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AttributeResult } from '../src/evaluation/attribute-result.ts';
import { SETS, type Sides, split } from './multimodal/data.ts';
import { type Plan, trainOurs } from './multimodal/ours.ts';
import { TASKS, type Task } from './multimodal/tasks.ts';
import { beside, type Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { Peer } from './runner/peer.ts';

export const OPTIONS: OwnOptions = {
  tasks: `what to run, divided by commas (default ${Object.keys(TASKS).join(',')})`,
  model: 'folder of the checkpoint that reads texts (all-MiniLM-L6-v2); a small one of our own without it',
  epochs: "passes of every training, instead of each task's own",
  threads: 'threads of both sides (default one a core)',
  seed: 'seed of our trainings (default 1)',
  'train-rows': 'most training rows of a data set (default all)',
  'text-alone': 'yes: tasks that read texts and more are trained once more on their texts alone',
};

export async function run({ own, data, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const threads = Number(own.threads ?? availableParallelism());
  const scratch = await mkdtemp(join(tmpdir(), 'attune-multimodal-'));
  const figures: Figure[] = [];
  try {
    for (const name of (own.tasks ?? Object.keys(TASKS).join(',')).split(',')) {
      const task = TASKS[name];
      if (task === undefined) throw new Error(`--tasks ${name}: one of ${Object.keys(TASKS).join()}`);
      const limit = own['train-rows'] === undefined ? undefined : Number(own['train-rows']);
      const sides = await split(data, scratch, SETS[task.set], limit);
      say(`${name}: ${sides.trainRows} training rows, ${sides.testRows} test rows`);
      const peer = python && task.peer ? await askPeer(python, task, sides, threads) : undefined;
      if (peer) say(`  ${task.peer!.name} is done (${peer.seconds.toFixed(0)} s)`);
      const model = own.model === undefined ? 'small' : resolve(own.model);
      const plan = task.plan(model);
      const training = {
        ...plan.training,
        seed: Number(own.seed ?? 1),
        threads,
        ...(own.epochs === undefined ? {} : { epochs: Number(own.epochs) }),
      };
      const whole = { ...plan, training };
      figures.push(...(await measured(name, task, whole, sides, peer, scratch, say)));
      if (own['text-alone'] === 'yes')
        figures.push(...(await onTextsAlone(name, task, whole, sides, scratch, say)));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return figures;
}

/** What a peer's program answers: a score an attribute, and the seconds it took. */
type PeerScores = { readonly scores: Readonly<Record<string, number>>; readonly seconds: number };

async function askPeer(
  python: string,
  { peer, measures }: Task,
  { train, test }: Sides,
  threads: number,
): Promise<PeerScores> {
  const script = fileURLToPath(new URL(`../../bench/peers/${peer!.script}`, import.meta.url));
  const running = Peer.start(python, [script], { threads });
  try {
    const attributes = measures.map(({ attribute }) => attribute);
    return (await running.ask({ train, test, attributes, threads, ...peer!.options })) as PeerScores;
  } finally {
    running.close();
  }
}

async function measured(
  name: string,
  { measures, peer }: Task,
  plan: Plan,
  sides: Sides,
  theirs: PeerScores | undefined,
  scratch: string,
  say: BenchOptions['say'],
): Promise<readonly Figure[]> {
  const { result, seconds } = await trainOurs(sides, plan, { out: join(scratch, name), say });
  const figures = measures.map(({ attribute, measure }): Figure => {
    const own = result.results.find((each) => each.attribute === attribute)!;
    const [value, unit, better] = figureOf(own, measure);
    const work = `${name}: ${attribute}`;
    const other = theirs?.scores[attribute];
    if (other === undefined) return { name: work, value, unit };
    return beside(work, unit, value, { name: peer!.name, value: other }, better);
  });
  const alone = result.alone.flatMap(({ modality, microF1 }) =>
    Object.entries(microF1).map(([attribute, score]) => ({
      name: `${name}: ${attribute}, ${modality} alone, all others hidden`,
      value: 100 * score,
      unit: '% micro F1',
    })),
  );
  const took = { name: `${name}: training`, unit: 's', value: seconds };
  const time = theirs
    ? beside(took.name, 's', seconds, { name: peer!.name, value: theirs.seconds }, 'less')
    : took;
  return [...figures, ...alone, time];
}

/**
 * A model of the same plan that was never shown anything but the texts: what the fused one must beat. Hiding the others from the
 * fused one, as its own figures do, says what it takes from texts, which is less than a model of texts would.
 */
async function onTextsAlone(
  name: string,
  { measures }: Task,
  plan: Plan,
  sides: Sides,
  scratch: string,
  say: BenchOptions['say'],
): Promise<readonly Figure[]> {
  const all = Object.entries(plan.inputs);
  const texts = all.filter(([, input]) => (input as { readonly kind: string }).kind === 'text');
  if (texts.length === 0 || texts.length === all.length) return [];
  say(`  ${name} on its texts alone`);
  const alone = { ...plan, inputs: Object.fromEntries(texts) };
  const { result, seconds } = await trainOurs(sides, alone, { out: join(scratch, `${name}-texts`), say });
  return [
    ...measures.map(({ attribute, measure }): Figure => {
      const own = result.results.find((each) => each.attribute === attribute)!;
      const [value, unit] = figureOf(own, measure);
      return { name: `${name}: ${attribute}, trained on the texts alone`, value, unit };
    }),
    { name: `${name}: training on the texts alone`, unit: 's', value: seconds },
  ];
}

function figureOf(
  { accuracy, meanAbsoluteError }: AttributeResult,
  measure: 'accuracy' | 'error',
): [value: number, unit: string, better: 'more' | 'less'] {
  if (measure === 'error') return [meanAbsoluteError!, 'mean error', 'less'];
  return [100 * accuracy!, '% right', 'more'];
}
