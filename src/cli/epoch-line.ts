import type { AttributeResult, TrainResult } from '../attune.ts';

/** Attributes named in the line of an epoch; the table at the end has all. */
const MOST = 8;

/** An epoch in one line: `Epoch 2: train loss 0.4312, dev score 81.20 (color 90.1, size 72.3, weight R2 0.61)`. */
export function epochLine(
  { epoch, trainLoss, devScore, devResults }: TrainResult['history'][number],
  model?: string,
): string {
  const results = (devResults ?? []) as readonly AttributeResult[];
  const shown = results.slice(0, MOST).map(figure);
  if (results.length > MOST) shown.push(`and ${results.length - MOST} more`);
  const score = results.some(({ kind }) => kind === 'number') ? 'score' : 'F1';
  const dev = devScore === undefined ? '' : `, dev ${score} ${(100 * devScore).toFixed(2)}`;
  // One attribute's figure is the score itself.
  const each = results.length > 1 || results[0]?.kind === 'number' ? ` (${shown.join(', ')})` : '';
  const name = model === undefined ? 'Epoch' : `${model}, epoch`;
  return `${name} ${epoch}: train loss ${trainLoss.toFixed(4)}${dev}${each}`;
}

function figure({ attribute, kind, r2, microF1 }: AttributeResult): string {
  if (kind === 'number') return `${attribute} R2 ${r2 === undefined ? '-' : r2.toFixed(2)}`;
  return `${attribute} ${microF1 === undefined ? '-' : (100 * microF1).toFixed(1)}`;
}
