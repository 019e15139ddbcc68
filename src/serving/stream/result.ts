/** What workers tell of a change that has had its effect, as a message. */
import { createHash } from 'node:crypto';
import type { Applied, ModelIdentity } from './apply-changes.ts';
import type { Result } from './change-queue.ts';

/**
 * The same change, told twice, has the same key, so that a stream can drop the second.
 * @param mostBytes - a result that would have more says that the product was predicted, and leaves its attributes to the store
 */
export function resultOf(
  { id, at, removed, predictions, problems }: Applied,
  model: ModelIdentity,
  mostBytes: number,
): Result {
  const { epoch, sequence } = at;
  const key = createHash('sha256')
    .update(JSON.stringify([id, epoch, sequence, model.name, model.version]))
    .digest('hex');
  const attributes = Object.fromEntries(
    predictions.map(({ attribute, value, unit, confidence, status, source, evidence, notApplicable }) => [
      attribute,
      { value, ...(unit ? { unit } : {}), confidence, status, source, evidence, notApplicable },
    ]),
  );
  const by = { model: model.name, version: model.version };
  const told = (said: object) => Buffer.from(JSON.stringify({ id, epoch, sequence, ...said }));
  if (removed) return { key, data: told({ deleted: true }) };
  const unread = problems.map(({ field, reason }) => ({ field, reason }));
  const data = told({ ...by, attributes, ...(unread.length > 0 ? { problems: unread } : {}) });
  return { key, data: data.length <= mostBytes ? data : told({ ...by, tooLarge: true }) };
}
