/**
 * A large classifier in a process of its own, whose peak memory is its own too: some steps, then its encoder's weights
 * saved and read back. Run as `large-model.js PLAN FOLDER STEPS`; the last line on stdout is what was measured.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openArchitecture } from '../../src/models/architectures/registry.ts';
import { openWeights, writeWeights } from '../../src/models/checkpoint/weights.ts';
import { Classifier, type ClassifierPlan } from './classifier.ts';

export type LargeRun = {
  /** Milliseconds of each step. */
  readonly steps: readonly number[];
  /** After the steps and before anything is saved. */
  readonly peakMb: number;
  readonly saveSeconds: number;
  readonly loadSeconds: number;
};

/** transformers writes shards of at most 5 GB. */
const SHARD_BYTES = 5e9;

export async function runLarge(plan: ClassifierPlan, folder: string, steps: number): Promise<LargeRun> {
  const classifier = await Classifier.create(plan);
  const { state } = classifier;
  try {
    const times = await classifier.steps(steps);
    const peakMb = process.resourceUsage().maxRSS / 1024;
    await mkdir(folder, { recursive: true });
    const saving = performance.now();
    const tensors = openArchitecture(plan.encoder).parameters.map(({ name, shape }) => ({
      name,
      shape,
      read: () => state.read(name),
    }));
    await writeWeights(folder, tensors, 'F32', SHARD_BYTES);
    const saved = performance.now();
    const weights = await openWeights(folder);
    for (const name of weights.names) await weights.read(name);
    const loaded = performance.now();
    return {
      steps: times,
      peakMb,
      saveSeconds: (saved - saving) / 1000,
      loadSeconds: (loaded - saved) / 1000,
    };
  } finally {
    await classifier.close();
  }
}

const [, script, plan, folder, steps] = process.argv;
if (script === fileURLToPath(import.meta.url) && plan !== undefined && folder !== undefined) {
  console.log(JSON.stringify(await runLarge(JSON.parse(plan) as ClassifierPlan, folder, Number(steps))));
}
