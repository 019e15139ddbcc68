/** Which of the answers that were accepted unseen are shown to a person all the same, so that they stay measured. */
import { hashString } from '../../base/random.ts';
import type { MeasuredAccuracy } from './measured.ts';

export const MOST_AUDITED = 0.1;
export const LEAST_AUDITED = 0.01;
/** Audits of one attribute by one model after which the share begins to fall; at ten times as many it is lowest. */
const ENOUGH_AUDITS = 200;

/**
 * The share of an attribute's accepted answers to audit: 10% until 200 were audited, then falling as evidence grows, to 1% at
 * 2,000. Evidence that the accepted answers are less precise than promised, or not yet that they are, brings it back to 10%.
 *
 * @param audited - of the current model's accepted answers; undefined where there are none yet
 * @param precisionTarget - what the threshold promises, in (0, 1)
 */
export function auditShare(audited: MeasuredAccuracy | undefined, precisionTarget: number): number {
  if (audited === undefined || audited.interval.high < precisionTarget) return MOST_AUDITED;
  const share = (MOST_AUDITED * ENOUGH_AUDITS) / Math.max(ENOUGH_AUDITS, audited.effective);
  return Math.max(LEAST_AUDITED, share);
}

/**
 * Draws an accepted answer: a number in [0, 1), any equally likely, by which it is audited where it lies below the share. It is a function
 * of the product, the attribute and the version of the model, so that drawing twice tells the same and nobody can choose.
 */
export function auditDraw(answer: {
  readonly product: string;
  readonly attribute: string;
  readonly model: string;
  readonly version: string;
}): number {
  const key = JSON.stringify([answer.model, answer.version, answer.attribute, answer.product]);
  return hashString(key, AUDIT_SEED) / 2 ** 32;
}

const AUDIT_SEED = 0xa0d1;
