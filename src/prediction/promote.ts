/** One bundle in the place of another, and back. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { predictionError } from './errors.ts';
import { unwritable } from './unwritable.ts';

/** Where the bundle that was replaced stays. */
export const previousOf = (model: string) => `${resolve(model)}.previous`;

/**
 * Puts `challenger` in the place of `model`, which stays beside it as `MODEL.previous`; the one before that goes.
 * @throws prediction/unwritable
 */
export async function promoteBundle(model: string, challenger: string): Promise<void> {
  const [target, previous] = [resolve(model), previousOf(model)];
  try {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
    try {
      await rename(resolve(challenger), target);
    } catch (cause) {
      await rename(previous, target);
      throw cause;
    }
  } catch (cause) {
    throw unwritable(model, cause);
  }
}

/**
 * Puts the bundle that was replaced last back into its place; what stood there becomes the previous one, so that twice is as
 * before. It also mends a folder that a crash in the middle of a promotion left without a model.
 * @throws prediction/nothing-to-roll-back, prediction/unwritable
 */
export async function rollBackBundle(model: string): Promise<void> {
  const [target, previous] = [resolve(model), previousOf(model)];
  if (!existsSync(join(previous, 'attune.json')))
    throw predictionError(
      'prediction/nothing-to-roll-back',
      `There is no earlier model of ${model}: ${previous} is no trained model.`,
      { hint: 'Only `attune retrain` leaves one, when it promotes.' },
    );
  const aside = `${target}.${process.pid}.aside`;
  try {
    if (existsSync(target)) await rename(target, aside);
    await rename(previous, target);
    if (existsSync(aside)) await rename(aside, previous);
  } catch (cause) {
    throw unwritable(model, cause);
  }
}
