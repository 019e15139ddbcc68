/** `attune retrain`: a trained model learns from what people said since, and gives way to what it becomes only if that is better. */
import { applySettings } from '../base/config-errors.ts';
import { type Progress, silent } from '../base/progress.ts';
import type { GateOutcome } from '../evaluation/gates/check-gates.ts';
import { monitoringError } from '../monitoring/errors.ts';
import { lastAnswers, type ReviewRecord } from '../monitoring/people/reviews-file.ts';
import { judgeChallenger, type Verdict } from '../monitoring/retrain/compare-models.ts';
import {
  LEARNED_FILE,
  learnedReviews,
  reviewKey,
  writeLearned,
} from '../monitoring/retrain/learned-reviews.ts';
import { readRefused, writeRefused } from '../monitoring/retrain/refused.ts';
import { readBundle } from '../prediction/bundle.ts';
import { promoteBundle, rollBackBundle } from '../prediction/promote.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import { answeredPairs } from './answered-pairs.ts';
import { type AttuneConfig, configSchema } from './config.ts';
import { dataIdentity } from './data-identity.ts';
import { resolveSources } from './model-sources.ts';
import { type ReviewSources, readAllReviews, withStore } from './read-reviews.ts';
import { ReviewedLabels } from './reviewed-labels.ts';
import { train } from './train.ts';
import { trainedOn } from './trained-on.ts';
import { lastAlerts } from './watch-alerts.ts';

export type RetrainOptions = ReviewSources & {
  /** Folder of the bundle. */
  readonly model: string;
  /** Further files, laid out as the training files, such as the products of a new season. */
  readonly files?: readonly string[];
  /** The training files, where they are no longer where the config says. */
  readonly data?: readonly string[];
  /** What `attune monitor` kept, beside the store; an alert of the last check is a reason. */
  readonly history?: string;
  /** So many new reviews are reason enough; 100 when left out. */
  readonly minReviews?: number;
  /** Trains without a reason. */
  readonly force?: boolean;
  /** `path=value` over the bundle's config, such as `training.epochs=2`. */
  readonly settings?: readonly string[];
  readonly resume?: boolean;
  /** Drops what a training that was stopped has saved. */
  readonly anew?: boolean;
  readonly progress?: Progress;
  onEpoch?(record: EpochRecord): void;
  stopRequested?(): boolean;
};

export type RetrainResult = {
  /** `kept`: nothing spoke for a training; `stopped`: it was asked to stop, and goes on with `resume`. */
  readonly outcome: 'kept' | 'stopped' | 'promoted' | 'refused';
  /** Why it was trained, or that nothing spoke for it. */
  readonly why: readonly string[];
  readonly newReviews: number;
  /** Undefined unless the challenger was trained to its end. */
  readonly verdict: Verdict | undefined;
  readonly gates: readonly GateOutcome[];
  /** Where the challenger is, if it was refused. */
  readonly challenger: string | undefined;
  readonly notes: readonly string[];
};

const MIN_REVIEWS = 100;

/** @throws prediction/bundle-missing, monitoring/bad-option, catalog/..., training/... */
export async function retrain(options: RetrainOptions): Promise<RetrainResult> {
  const { model, files = [], settings = [], resume = false, anew = false, force = false } = options;
  const progress = options.progress ?? silent;
  const champion = await readBundle(model);
  const config = configOf(champion.file.config as AttuneConfig, options.data, files, settings);
  const [watched] = await resolveSources([{ folder: model }]);
  const {
    reviews: all,
    notes,
    alerts,
  } = await withStore(options.store, async (store) => ({
    ...(await readAllReviews(options.reviews, store)),
    alerts: await lastAlerts(options.history, store, watched!),
  }));
  const reviews = lastAnswers(all);
  if (reviews.length > 0) requireIds(config);
  const learned = await learnedReviews(champion.folder);
  const refused = await readRefused(champion.folder);
  const fresh = reviews.filter((review) => {
    const key = reviewKey(review);
    return !learned.has(key) && !refused?.reviews.has(key);
  });
  const why = reasonsFor(options, fresh, alerts);
  const shared = {
    why,
    newReviews: fresh.length,
    notes,
    gates: [],
    verdict: undefined,
    challenger: undefined,
  };
  if (why.length === 0)
    return {
      ...shared,
      outcome: 'kept',
      why: [
        `Nothing speaks for a training: ${fresh.length} new reviews, and no alert. --force trains all the same.`,
      ],
    };
  const data = await dataIdentity(config);
  if (refused?.data === data && fresh.length === 0 && !force && !resume)
    return {
      ...shared,
      outcome: 'kept',
      why: [
        'Nothing is new since a model of the same products and reviews was refused. --force trains all the same.',
        ...refused.reasons,
      ],
    };
  const labels = new ReviewedLabels(reviews, {
    products: await trainedOn(champion.folder),
    reviews: learned,
  });
  const challenger = `${model}.challenger`;
  const trained = await train({
    config,
    out: challenger,
    continueFrom: champion,
    complete: labels.forTraining,
    notes: { [LEARNED_FILE]: writeLearned(reviews) },
    resume,
    anew,
    progress,
    ...(options.onEpoch ? { onEpoch: options.onEpoch } : {}),
    ...(options.stopRequested ? { stopRequested: options.stopRequested } : {}),
    command: `attune retrain --model ${model} ${files.join(' ')}`.trimEnd(),
  });
  if (!trained.finished) return { ...shared, outcome: 'stopped' };
  progress({ kind: 'stage', stage: 'Comparing it with the model that it would replace', total: undefined });
  const rows = await answeredPairs(champion, await readBundle(challenger), config, labels);
  const verdict = judgeChallenger(rows, { seed: config.training.seed });
  const passed = trained.gates.every((gate) => gate.passed);
  if (!verdict.promote || !passed) {
    const failed = trained.gates.filter((gate) => !gate.passed).map(({ explanation }) => explanation);
    const reasons = [...(verdict.promote ? [] : verdict.reasons), ...failed];
    await writeRefused(champion.folder, { data, reasons }, reviews);
    return { ...shared, outcome: 'refused', verdict, gates: trained.gates, challenger };
  }
  await promoteBundle(model, challenger);
  return { ...shared, outcome: 'promoted', verdict, gates: trained.gates };
}

/** Puts the model that the last promotion replaced back. @throws prediction/nothing-to-roll-back */
export const rollBack = (model: string): Promise<void> => rollBackBundle(model);

function configOf(
  before: AttuneConfig,
  data: readonly string[] | undefined,
  files: readonly string[],
  settings: readonly string[],
): AttuneConfig {
  const path = [...(data ?? [before.data.path ?? []].flat()), ...files];
  return applySettings({ ...before, data: { ...before.data, path } }, settings, configSchema);
}

/** @throws monitoring/bad-option */
function requireIds({ data }: AttuneConfig): void {
  if (data.id !== undefined || data.layout === 'shopify') return;
  throw monitoringError(
    'monitoring/bad-option',
    'Reviews name products by their ids, and the model was trained without `data.id`.',
    { hint: 'Train it again with `data.id` set to the column that identifies a product.' },
  );
}

function reasonsFor(
  { minReviews = MIN_REVIEWS, force = false }: RetrainOptions,
  fresh: readonly ReviewRecord[],
  alerts: readonly string[],
): readonly string[] {
  return [
    ...(fresh.length >= minReviews ? [`${fresh.length} new reviews.`] : []),
    ...alerts,
    ...(force ? ['It was asked for.'] : []),
  ];
}
