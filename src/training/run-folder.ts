/**
 * What a run leaves on disk as it goes, so that one killed at any moment goes on where it was: the state of the last
 * save and the weights of the best epoch. A save is a new file; `run.json`, replaced in one rename, says which counts.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { State } from '../graph/state.ts';
import { openSafetensors, writeSafetensors } from '../models/checkpoint/safetensors.ts';
import { trainingError } from './errors.ts';

export type EpochRecord = {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly devScore: number | undefined;
  readonly devResults: unknown;
};

/** Where a run is. Plain numbers only: resuming must give the same run, so nothing here depends on the clock. */
export type RunPosition = {
  /** Of the data, the config and the model; a run goes on only from its own. */
  readonly fingerprint: string;
  /** Epochs done, and steps done in the next one. */
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Optimiser steps in all. */
  readonly step: number;
  /** Sum and count of the losses of the epoch so far. */
  readonly lossSum: number;
  readonly lossCount: number;
  /** What weight decay has left of word vectors that training never reads. */
  readonly unseenDecay: number;
  readonly history: readonly EpochRecord[];
  readonly best: { readonly epoch: number; readonly score: number } | undefined;
};

type RunFile = RunPosition & { readonly stateFile: string };

export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The last save, or undefined where there is none. @throws training/run-differs when it is another run's */
  async load(fingerprint: string, state: State): Promise<RunPosition | undefined> {
    const text = await readFile(join(this.path, 'run.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { stateFile, ...position } = JSON.parse(text) as RunFile;
    if (position.fingerprint !== fingerprint) {
      throw trainingError(
        'training/run-differs',
        `The run in ${this.path} was made with other data or other settings.`,
        {
          hint: 'Train without --resume to begin anew, or restore the data and the config.',
        },
      );
    }
    const file = await openSafetensors(join(this.path, stateFile));
    for (const name of file.tensors.keys())
      state.set(name, file.tensors.get(name)!.shape, await file.read(name));
    return position;
  }

  async save(position: RunPosition, state: State): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const previous = await readFile(join(this.path, 'run.json'), 'utf8').catch(() => undefined);
    const stateFile = `state-${position.step}.safetensors`;
    await writeSafetensors(
      join(this.path, stateFile),
      tensorsOf(
        state,
        state.names.filter((name) => !name.startsWith('gradient:')),
      ),
    );
    const content: RunFile = { ...position, stateFile };
    await writeFile(join(this.path, 'run.json.tmp'), JSON.stringify(content));
    await rename(join(this.path, 'run.json.tmp'), join(this.path, 'run.json'));
    const old = previous === undefined ? undefined : (JSON.parse(previous) as RunFile).stateFile;
    if (old !== undefined && old !== stateFile) await rm(join(this.path, old), { force: true });
  }

  /** Keeps the weights of the best epoch. @param weights - parameter name -> the state tensor to keep for it */
  async saveBest(state: State, weights: ReadonlyMap<string, string>): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const tensors = [...weights].map(([name, from]) => ({
      name,
      shape: state.dims(from),
      read: () => state.read(from),
    }));
    await writeSafetensors(join(this.path, 'best.safetensors'), tensors);
  }

  async loadBest(): Promise<ReadonlyMap<string, Float32Array>> {
    const file = await openSafetensors(join(this.path, 'best.safetensors'));
    const weights = new Map<string, Float32Array>();
    for (const name of file.tensors.keys()) weights.set(name, await file.read(name));
    return weights;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

function tensorsOf(state: State, names: readonly string[]) {
  return names.map((name) => ({ name, shape: state.dims(name), read: () => state.read(name) }));
}
