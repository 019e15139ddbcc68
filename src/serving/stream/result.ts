/** What workers tell of a change that has had its effect, as a message. */
import { createHash } from 'node:crypto';
import type { Applied, ModelIdentity } from './apply-changes.ts';
import type { Result } from './change-queue.ts';

/** The same change, told twice, has the same key, so that a stream can drop the second. */
export function resultOf({ id, at, removed, predictions }: Applied, model: ModelIdentity): Result {
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
  const said = removed ? { deleted: true } : { model: model.name, version: model.version, attributes };
  return { key, data: Buffer.from(JSON.stringify({ id, epoch, sequence, ...said })) };
}
