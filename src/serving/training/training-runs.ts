/**
 * The trainings of a service: one at a time, each in a process of its own, the others wait for their turn. What is known of them is on
 * disk, so that a service that starts again finds them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { AttuneError } from '../../base/errors.ts';
import { isAlive, markOf, type ProcessMark, sendSignal } from '../../base/process-life.ts';
import type { RunAnswer, RunDetail, TrainRequest } from '../api/training.ts';
import type { RequestErrorCode } from '../errors.ts';
import { type AttuneCommand, type EndedProcess, lastSaid, startAttune } from './attune-process.ts';
import { waitUntilGone } from './left-behind.ts';
import { type Ending, endingOf, neverStarted } from './run-ending.ts';
import { type Progress, RunProgress } from './run-progress.ts';
import { NOWHERE, RECORD, type RunRecord, readRecord, writeRecord } from './run-record.ts';
import type { Uploads } from './uploads.ts';
import { type Workspace, writing } from './workspace.ts';

/** A config that was checked. */
export type CheckedConfig = {
  /** Whole, defaults too. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The same as an attune.yaml, with the paths that it needs. */
  readonly yaml: string;
};

export type TrainingRunsOptions = {
  readonly workspace: Workspace;
  readonly uploads: Uploads;
  readonly command: AttuneCommand;
  /**
   * @param file - the products, as seen from the folder of the run
   * @param encoders - names of the checkpoints that it may start from
   * @throws `serving/bad-config`
   */
  readonly check: (
    given: TrainRequest['config'],
    file: string,
    encoders: readonly string[],
  ) => Promise<CheckedConfig>;
  readonly isLoaded: (model: string, version: string) => boolean;
  /** Told of what goes wrong where nobody waits for an answer. */
  readonly onTrouble: (error: unknown) => void;
  /** That a training which a killed service left behind may take to save and stop; then it is ended. Ten minutes when left out. */
  readonly leftBehindMs?: number;
};

const LEFT_BEHIND_MS = 10 * 60_000;
const LOG = 'log.jsonl';
/** Runs whose logs are remembered as far as they were read. */
const MOST_READ = 50;

export class TrainingRuns {
  readonly #options: TrainingRunsOptions;
  readonly #records = new Map<string, RunRecord>();
  readonly #logs = new LRUCache<string, RunProgress>({ max: MOST_READ });
  /** Runs whose processes outlived the service that started them. */
  readonly #leftBehind: string[] = [];
  #writes: Promise<unknown> = Promise.resolve();
  #current: { readonly id: string; readonly progress: RunProgress; readonly done: Promise<void> } | undefined;
  #signal: ((signal: NodeJS.Signals) => void) | undefined;
  #closing = false;

  private constructor(options: TrainingRunsOptions) {
    this.#options = options;
  }

  /** Finds the runs of the workspace; those that wait go on waiting for their turn. */
  static async open(options: TrainingRunsOptions): Promise<TrainingRuns> {
    const runs = new TrainingRuns(options);
    for (const name of await readdir(options.workspace.runs)) {
      const folder = join(options.workspace.runs, name);
      const record = await readRecord(folder);
      if (record !== undefined) await runs.#find(record);
      else if (existsSync(join(folder, RECORD)))
        options.onTrouble(new Error(`${join(folder, RECORD)} cannot be read, so this run is not listed.`));
    }
    return runs;
  }

  async #find(record: RunRecord): Promise<void> {
    this.#records.set(record.id, record);
    if (record.state !== 'running' && record.state !== 'stopping') return;
    if (record.process !== null && (await isAlive(record.process))) this.#leftBehind.push(record.id);
    else await this.#settle(record.id).catch(this.#options.onTrouble);
  }

  /** Looks after what a service left behind, and starts the first of those that wait since before a restart. */
  begin(): void {
    this.#next();
  }

  /** The latest first. */
  async list(): Promise<readonly RunAnswer[]> {
    const answers: RunAnswer[] = [];
    for (const record of this.#records.values()) answers.push((await this.#look(record)).answer);
    return answers.sort((a, b) => b.created.localeCompare(a.created) || b.id.localeCompare(a.id));
  }

  /** @throws `serving/run-not-found` */
  async get(id: string): Promise<RunDetail> {
    const { answer, progress } = await this.#look(this.#record(id), true);
    const { curves, plan, warnings, figures, gates } = progress!;
    return { ...answer, curves, plan, warnings, figures, gates };
  }

  /** Whether a run that has not ended reads a file, or one that may be resumed. */
  readers(file: string): readonly string[] {
    return [...this.#records.values()]
      .filter((record) => record.file.id === file && record.state !== 'finished')
      .map(({ id }) => id);
  }

  /** @throws `serving/file-not-found`, `serving/bad-config`, `serving/workspace-unwritable` */
  async create({ file: fileId, model, config }: TrainRequest): Promise<RunDetail> {
    const { workspace, uploads } = this.#options;
    const { id: _, name } = await uploads.get(fileId);
    const at = join('..', '..', 'files', fileId, name);
    const checked = await this.#options.check(config, at, await workspace.encoders());
    const version = await workspace.nextVersion(model);
    const id = `${model}-${version}`;
    const created = now();
    const record: RunRecord = {
      id,
      model,
      version,
      state: 'waiting',
      file: { id: fileId, name },
      config: checked.config,
      created,
      asked: created,
      started: null,
      ended: null,
      resume: false,
      reached: NOWHERE,
      problem: null,
      process: null,
    };
    const folder = this.#folder(id);
    try {
      await writing(workspace.runs, async () => {
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, 'attune.yaml'), checked.yaml);
        await writeRecord(folder, record);
      });
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
    this.#records.set(id, record);
    this.#next();
    return this.get(id);
  }

  /**
   * Lets a training save and stop; asked once more, it is ended at once and keeps what it saved before. One that waits does not begin.
   * @throws `serving/run-not-found`, `serving/run-state`
   */
  async cancel(id: string): Promise<RunDetail> {
    const record = this.#record(id);
    if (record.state === 'waiting') await this.#save({ ...record, state: 'stopped', ended: now() });
    else if (record.state === 'running' || record.state === 'stopping') {
      // Also where it cannot be noted.
      this.#signal?.('SIGINT');
      await this.#save({ ...record, state: 'stopping' });
    } else throw wrongState(record, 'cancelled: it does not run');
    return this.get(id);
  }

  /** @throws `serving/run-not-found`, `serving/run-state`, `serving/file-not-found` */
  async resume(id: string): Promise<RunDetail> {
    const record = this.#record(id);
    if (!['stopped', 'interrupted', 'failed'].includes(record.state))
      throw wrongState(record, 'resumed: it has not stopped');
    await this.#options.uploads.get(record.file.id);
    const again: RunRecord = {
      ...record,
      state: 'waiting',
      asked: now(),
      ended: null,
      problem: null,
      resume: record.started !== null,
    };
    try {
      await this.#save(again);
    } catch (error) {
      // Nobody is told that it waits.
      if (this.#records.get(id) === again) this.#records.set(id, record);
      throw error;
    }
    this.#next();
    return this.get(id);
  }

  /**
   * Forgets a run, and removes the model that came of it.
   * @throws `serving/run-not-found`, `serving/run-state`, `serving/version-in-use`
   */
  async remove(id: string): Promise<RunDetail> {
    const record = this.#record(id);
    const { model, version } = record;
    if (this.#current?.id === id) {
      if (['waiting', 'running', 'stopping'].includes(record.state))
        throw wrongState(record, 'deleted: it runs. Cancel it first');
      // How it ended is being written.
      await this.#current.done;
    }
    if (this.#options.isLoaded(model, version))
      throw new AttuneError<RequestErrorCode>(
        'serving/version-in-use',
        `Version ${version} of the model "${model}" is loaded, so it is not deleted.`,
        { hint: 'Unload it first.' },
      );
    const detail = await this.get(id);
    this.#records.delete(id);
    this.#logs.delete(id);
    await this.#writes;
    await rm(this.#folder(id), { recursive: true, force: true });
    const models = join(this.#options.workspace.models, model);
    // The model, and what an unfinished run keeps beside it.
    for (const name of await readdir(models).catch(() => []))
      if (name === version || name.startsWith(`${version}.`))
        await rm(join(models, name), { recursive: true, force: true });
    return detail;
  }

  /** Lets the training save and stop. @param withinMs - then it is ended */
  async close(withinMs: number): Promise<void> {
    this.#closing = true;
    // One that stops already would end at once.
    if (this.#records.get(this.#current?.id ?? '')?.state === 'running') this.#signal?.('SIGINT');
    const cutOff = setTimeout(() => this.#signal?.('SIGKILL'), withinMs);
    await this.#current?.done;
    clearTimeout(cutOff);
    await this.#writes;
  }

  #next(): void {
    if (this.#closing || this.#current !== undefined) return;
    const left = this.#leftBehind.shift();
    const [first] = [...this.#records.values()]
      .filter(({ state }) => state === 'waiting')
      .sort((a, b) => a.asked.localeCompare(b.asked));
    const id = left ?? first?.id;
    if (id === undefined) return;
    const progress = this.#progressOf(id);
    const done = (left === undefined ? this.#run(id, progress) : this.#lookAfter(id))
      .catch(this.#options.onTrouble)
      .finally(() => {
        this.#signal = undefined;
        this.#current = undefined;
        this.#next();
      });
    this.#current = { id, progress, done };
  }

  /** One whose service is gone saves and stops by itself; asked twice, or after too long, it is ended. */
  async #lookAfter(id: string): Promise<void> {
    const { process: mark, state } = this.#records.get(id)! as RunRecord & { readonly process: ProcessMark };
    let stops = state === 'stopping';
    this.#signal = (signal) => {
      if (stops || signal === 'SIGKILL') void sendSignal(mark, 'SIGKILL');
      stops = true;
    };
    const { leftBehindMs = LEFT_BEHIND_MS } = this.#options;
    if (await waitUntilGone(mark, { withinMs: leftBehindMs, isClosing: () => this.#closing }))
      await this.#settle(id);
  }

  /** What became of a run whose process ended while nobody looked after it. */
  async #settle(id: string): Promise<void> {
    const { end } = await this.#progressOf(id).now();
    const { started, state } = this.#records.get(id)!;
    const told = started !== null && end !== undefined && end.at >= started ? end : undefined;
    const asked = state === 'stopping';
    const exit = { code: null, signal: null, said: '' };
    await this.#end(id, endingOf({ ...exit, told, asked, closing: true }), told?.at ?? now());
  }

  async #run(id: string, progress: RunProgress): Promise<void> {
    const record = this.#records.get(id);
    if (record?.state !== 'waiting') return;
    const { end: earlier } = await progress.now();
    let ending: Ending;
    try {
      const exit = await this.#train(record);
      const { end } = await progress.now();
      const told = end === earlier ? undefined : end;
      const asked = this.#records.get(id)!.state === 'stopping';
      ending = endingOf({ ...exit, told, asked, closing: this.#closing });
    } catch (error) {
      ending = neverStarted(error);
    }
    await this.#end(id, ending, now());
  }

  async #end(id: string, ending: Ending, ended: string): Promise<void> {
    const { stage, step, steps, devScore } = await this.#progressOf(id).now();
    const reached = { stage, step, steps, devScore };
    await this.#save({ ...this.#records.get(id)!, ...ending, ended, reached });
  }

  /** From its start to its end. */
  async #train(record: RunRecord): Promise<EndedProcess & { readonly said: string }> {
    const { command, workspace } = this.#options;
    const folder = this.#folder(record.id);
    await mkdir(join(workspace.models, record.model), { recursive: true });
    const out = join('..', '..', 'models', record.model, record.version);
    const within = join('..', '..', 'files');
    const words = ['train', '-c', 'attune.yaml', '--out', out, '--log', LOG, '--media-within', within];
    const said = join(folder, 'output.txt');
    const { child, ended } = startAttune(
      command,
      [...words, ...(record.resume ? ['--resume'] : [])],
      folder,
      {
        stdout: join(folder, 'results.txt'),
        stderr: said,
      },
    );
    // It is waited for below; a program that is not there must not end the service meanwhile.
    ended.catch(() => {});
    this.#signal = (signal) => child.kill(signal);
    const process = child.pid === undefined ? null : await markOf(child.pid);
    const cancelled = this.#records.get(record.id)!.state !== 'waiting';
    const state = cancelled ? 'stopping' : 'running';
    try {
      await this.#save({ ...record, state, started: now(), process });
    } catch (error) {
      // A service that starts again would not know of it.
      child.kill('SIGKILL');
      await ended.catch(() => {});
      throw error;
    }
    if (cancelled || this.#closing) child.kill('SIGINT');
    return { ...(await ended), said: await lastSaid(said).catch(() => '') };
  }

  /** @param whole - also what is known only from its log */
  async #look(
    record: RunRecord,
    whole = false,
  ): Promise<{ readonly answer: RunAnswer; readonly progress: Progress | undefined }> {
    const runs = this.#current?.id === record.id ? this.#current.progress : undefined;
    const progress = await (runs ?? (whole ? this.#progressOf(record.id) : undefined))?.now();
    const { id, model, version, state, file, config, created, started, ended, problem } = record;
    const { stage, step, steps, devScore } = progress ?? record.reached;
    const far = { stage, step, steps, devScore };
    return {
      answer: { id, model, version, state, file, config, created, started, ended, problem, ...far },
      progress,
    };
  }

  /** What was read of a log is not read again. */
  #progressOf(id: string): RunProgress {
    const known = this.#logs.get(id) ?? new RunProgress(join(this.#folder(id), LOG));
    this.#logs.set(id, known);
    return known;
  }

  #folder(id: string): string {
    return join(this.#options.workspace.runs, id);
  }

  #record(id: string): RunRecord {
    const record = this.#records.get(id);
    if (record !== undefined) return record;
    throw new AttuneError<RequestErrorCode>('serving/run-not-found', `There is no run ${id.slice(0, 100)}.`, {
      hint: 'GET /v1/runs lists those that are there.',
    });
  }

  /** In memory at once; on disk in the order of the changes. */
  #save(record: RunRecord): Promise<void> {
    this.#records.set(record.id, record);
    const { runs } = this.#options.workspace;
    const written = this.#writes.then(() =>
      writing(runs, () => writeRecord(this.#folder(record.id), record)),
    );
    this.#writes = written.catch(() => {});
    return written;
  }
}

const now = () => new Date().toISOString();

function wrongState({ id, state }: RunRecord, why: string): AttuneError<RequestErrorCode> {
  return new AttuneError('serving/run-state', `The run ${id} is ${state}, so it cannot be ${why}.`);
}
