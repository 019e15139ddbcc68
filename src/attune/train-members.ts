/** The models of a run: the members of an ensemble, and before them, with `fusion: auto`, one for each way to join modalities. */
import { join } from 'node:path';
import { silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { FusionKind } from '../models/attribute/spec.ts';
import { trainingError } from '../training/errors.ts';
import type { TrainingOutcome } from '../training/train-attributes.ts';
import { fusionsTried } from './fusions-tried.ts';
import type { Prepared } from './prepare.ts';
import { runFolder, trainMember } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';

export type TrainedMembers = {
  /** One a member; fewer where the run was asked to stop: the last is not finished then. */
  readonly outcomes: readonly TrainingOutcome[];
  /** With the spec of what was trained. */
  readonly prepared: Prepared;
  /** The folder of the first member's run. */
  readonly folder: string;
};

export async function trainMembers(
  options: TrainOptions,
  catalog: Catalog,
  given: Prepared,
  fingerprint: string,
): Promise<TrainedMembers> {
  const { config, out } = options;
  const kinds = fusionsTried(config.model, given.spec);
  const chosen =
    kinds.length > 0 ? await trainFusions(options, catalog, given, fingerprint, kinds) : undefined;
  if (chosen && !chosen.outcome.finished)
    return { outcomes: [chosen.outcome], prepared: given, folder: chosen.folder };
  const prepared = chosen?.prepared ?? given;
  const outcomes: TrainingOutcome[] = chosen ? [chosen.outcome] : [];
  while (outcomes.length < config.training.ensemble && (outcomes.at(-1)?.finished ?? true))
    outcomes.push(await trainMember(options, catalog, prepared, fingerprint, outcomes.length));
  return { outcomes, prepared, folder: chosen?.folder ?? runFolder(out) };
}

type Candidate = {
  readonly outcome: TrainingOutcome;
  readonly prepared: Prepared;
  readonly folder: string;
};

/**
 * Trains one model a way to join modalities. @returns the best on the dev products, or one that was stopped
 * @throws training/bad-setting without dev products to choose on
 */
async function trainFusions(
  options: TrainOptions,
  catalog: Catalog,
  prepared: Prepared,
  fingerprint: string,
  kinds: readonly FusionKind[],
): Promise<Candidate> {
  if (catalog.counts.dev === 0) throw nothingToChooseBy('there are none');
  const scores: string[] = [];
  let best: (Candidate & { readonly kind: FusionKind; readonly score: number }) | undefined;
  for (const kind of kinds) {
    const own = { ...prepared, spec: { ...prepared.spec, fusion: kind } };
    const folder = join(runFolder(options.out), `fusion-${kind}`);
    const outcome = await trainMember(options, catalog, own, fingerprint, 0, {
      folder,
      title: `Fusion ${kind}`,
      first: kind === kinds[0],
    });
    const candidate = { outcome, prepared: own, folder };
    if (!outcome.finished) return candidate;
    const score = outcome.history.find(({ epoch }) => epoch === outcome.bestEpoch)?.devScore;
    if (score === undefined) throw nothingToChooseBy('no dev product that chooses the epoch has a label');
    scores.push(`${kind} ${score.toFixed(4)}`);
    // One model is held beside the one that trains.
    if (best === undefined || score > best.score) best = { ...candidate, kind, score };
  }
  (options.progress ?? silent)({
    kind: 'message',
    text: `Dev score of each way to join modalities: ${scores.join(', ')}. ${best!.kind} is kept.`,
  });
  return best!;
}

function nothingToChooseBy(why: string) {
  return trainingError(
    'training/bad-setting',
    `model.fusion: auto chooses on the dev products, and ${why}.`,
    { hint: 'Give data.split.dev a larger share, or name one way to join modalities in model.fusion.' },
  );
}
