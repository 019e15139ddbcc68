/** Which of the answers that are accepted unseen people look at all the same: a random share, which falls as people agree with them. */
import { auditDraw, auditShare } from '../../monitoring/accuracy/audit.ts';
import { accuracyOfSums } from '../../monitoring/accuracy/measured.ts';
import type { PredictionWrite } from '../../store/predictions.ts';
import type { Repositories } from '../../store/store.ts';

/** What the answers that one version of a model has accepted promise: attribute -> precision, in (0, 1). */
export type PrecisionTargets = Readonly<Record<string, number>>;

/** Of a version that says nothing of its own: what `accept.precision` is when left out. */
const DEFAULT_TARGET = 0.95;

/**
 * The writes, those that are drawn marked for an audit. The order in which people get to them is drawn too, so that those they have got to
 * are a fair sample at any time.
 * @param targetsOf - of a version of a model; undefined where it is not known
 */
export async function withAudits(
  store: Pick<Repositories, 'reviews'>,
  writes: readonly PredictionWrite[],
  targetsOf: (model: string, version: string) => PrecisionTargets | undefined,
): Promise<readonly PredictionWrite[]> {
  const shares = new Map<string, (attribute: string) => number>();
  for (const { model, version, status } of writes) {
    const key = keyOf(model, version);
    if (status === 'auto' && !shares.has(key))
      shares.set(key, await sharesOf(store, model, version, targetsOf(model, version) ?? {}));
  }
  return writes.map((write) => {
    const { productId: product, attribute, model, version, status } = write;
    if (status !== 'auto') return write;
    const chance = shares.get(keyOf(model, version))!(attribute);
    const draw = auditDraw({ product, attribute, model, version });
    return draw < chance ? { ...write, audit: { chance, priority: draw / chance } } : write;
  });
}

async function sharesOf(
  { reviews }: Pick<Repositories, 'reviews'>,
  model: string,
  version: string,
  targets: PrecisionTargets,
): Promise<(attribute: string) => number> {
  const audited = new Map(
    (await reviews.audits(model, version)).map((sums) => [sums.attribute, accuracyOfSums(sums)]),
  );
  return (attribute) => auditShare(audited.get(attribute), targets[attribute] ?? DEFAULT_TARGET);
}

const keyOf = (model: string, version: string) => JSON.stringify([model, version]);
