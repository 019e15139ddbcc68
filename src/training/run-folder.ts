/**
 * What a run leaves on disk as it goes, so that one killed at any moment goes on where it was: the state of the last
 * save and the weights of the best epoch. Each is a new file; `run.json`, replaced in one rename, says which count, so a
 * save that was cut short leaves the one before it whole.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import type { State } from '../graph/state.ts';
import { writeWhole } from '../models/checkpoint/files.ts';
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
          hint: 'Begin anew with --anew, which drops what was saved, or restore the data and the config.',
        },
      );
    }
    const file = await openSafetensors(join(this.path, stateFile));
    for (const name of file.tensors.keys())
      state.set(name, file.tensors.get(name)!.shape, await file.read(name));
    return position;
  }

  /** @throws training/unwritable; the save before this one stays whole then */
  async save(position: RunPosition, state: State): Promise<void> {
    const stateFile = `state-${position.step}.safetensors`;
    const content: RunFile = { ...position, stateFile };
    try {
      await makeFolder(this.path);
      await writeSafetensors(join(this.path, stateFile), tensorsOf(state, state.names));
      await writeWhole(join(this.path, 'run.json'), (handle) => handle.writeFile(JSON.stringify(content)));
      await this.#clean(stateFile, position.best && bestFile(position.best.epoch));
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /**
   * Keeps the weights of an epoch that is the best so far; the save that says so comes after.
   * @param weights - parameter name -> the state tensor to keep for it
   */
  async saveBest(epoch: number, state: State, weights: ReadonlyMap<string, string>): Promise<void> {
    const tensors = [...weights].map(([name, from]) => ({
      name,
      shape: state.dims(from),
      read: () => state.read(from),
    }));
    try {
      await makeFolder(this.path);
      await writeSafetensors(join(this.path, bestFile(epoch)), tensors);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  async loadBest(epoch: number): Promise<ReadonlyMap<string, Float32Array>> {
    const file = await openSafetensors(join(this.path, bestFile(epoch)));
    const weights = new Map<string, Float32Array>();
    for (const name of file.tensors.keys()) weights.set(name, await file.read(name));
    return weights;
  }

  /** Removes what earlier saves, and saves that a kill cut short, have left. */
  async #clean(stateFile: string, best: string | undefined): Promise<void> {
    for (const name of await readdir(this.path)) {
      const ours = /^(state|best)-\d+\.safetensors$|\.tmp$/.test(name);
      if (ours && name !== stateFile && name !== best) await rm(join(this.path, name), { force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

const bestFile = (epoch: number) => `best-${epoch}.safetensors`;

function unwritable(path: string, cause: unknown): unknown {
  const { code, message } = (cause instanceof AttuneError ? cause.cause : cause) as NodeJS.ErrnoException;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return cause;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return trainingError('training/unwritable', `The run cannot be saved in ${path}: ${message}.`, {
    hint: full
      ? 'The disk is full. What was saved before is whole: free some space and go on with --resume.'
      : 'Check that the folder is there and that you may write in it; then go on with --resume.',
    cause,
  });
}

function tensorsOf(state: State, names: readonly string[]) {
  return names.map((name) => ({ name, shape: state.dims(name), read: () => state.read(name) }));
}
