import { EventFile } from '../training/tensorboard/event-file.ts';

/**
 * The TensorBoard file of a run; close it.
 * @param done - steps that an earlier, stopped run had done
 */
export function openCharts(folder: string, done: number): Promise<EventFile> {
  return EventFile.create(folder, { now: Date.now, ...(done > 0 ? { resumedAtStep: done } : {}) });
}
