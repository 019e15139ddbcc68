/**
 * The trainings of a service: one at a time, each in a process of its own, the others wait for their turn. What is known of them is on
 * disk, so that a service that starts again finds them.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AttuneError } from '../../base/errors.ts';
import { isAlive, markOf } from '../../base/process-life.ts';
import type { RunAnswer, RunDetail, TrainRequest } from '../api/training.ts';
import type { RequestErrorCode } from '../errors.ts';
import { type AttuneCommand, type EndedProcess, startAttune } from './attune-process.ts';
import { type Ending, endingOf, failed } from './run-ending.ts';
import { type Progress, RunProgress } from './run-progress.ts';
import { NOWHERE, type RunRecord, readRecord, writeRecord } from './run-record.ts';
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
};

const ORPHAN_LOOK_MS = 500;
const LOG = 'log.jsonl';

export class TrainingRuns {
  readonly #options: TrainingRunsOptions;
  readonly #records = new Map<string, RunRecord>();
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
      const record = await readRecord(join(options.workspace.runs, name));
      if (record === undefined) continue;
      // Nobody looks after the process that trained, if it is there still: it stops by itself.
      if (record.state === 'running') runs.#records.set(record.id, { ...record, state: 'interrupted' });
      else if (record.state === 'stopping') runs.#records.set(record.id, { ...record, state: 'stopped' });
      else runs.#records.set(record.id, record);
    }
    return runs;
  }

  /** Starts the first of those that wait since before a restart. */
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
    await writing(workspace.runs, async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'attune.yaml'), checked.yaml);
      await this.#save(record);
    });
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
      await this.#save({ ...record, state: 'stopping' });
      this.#signal?.('SIGINT');
    } else throw wrongState(record, 'cancelled: it does not run');
    return this.get(id);
  }

  /** @throws `serving/run-not-found`, `serving/run-state`, `serving/file-not-found` */
  async resume(id: string): Promise<RunDetail> {
    const record = this.#record(id);
    if (!['stopped', 'interrupted', 'failed'].includes(record.state))
      throw wrongState(record, 'resumed: it has not stopped');
    await this.#options.uploads.get(record.file.id);
    await this.#save({
      ...record,
      state: 'waiting',
      asked: now(),
      ended: null,
      problem: null,
      resume: record.started !== null,
    });
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
    if (this.#current?.id === id) throw wrongState(record, 'deleted: it runs. Cancel it first');
    if (this.#options.isLoaded(model, version))
      throw new AttuneError<RequestErrorCode>(
        'serving/version-in-use',
        `Version ${version} of the model "${model}" is loaded, so it is not deleted.`,
        { hint: 'Unload it first.' },
      );
    const detail = await this.get(id);
    this.#records.delete(id);
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
    const [first] = [...this.#records.values()]
      .filter(({ state }) => state === 'waiting')
      .sort((a, b) => a.asked.localeCompare(b.asked));
    if (first === undefined) return;
    const progress = this.#progressOf(first.id);
    const done = this.#run(first, progress)
      .catch(this.#options.onTrouble)
      .finally(() => {
        this.#current = undefined;
        this.#next();
      });
    this.#current = { id: first.id, progress, done };
  }

  async #run({ id, process: before }: RunRecord, progress: RunProgress): Promise<void> {
    // One that a service left behind saves and stops by itself.
    while (before !== null && (await isAlive(before))) {
      if (this.#closing) return;
      await delay(ORPHAN_LOOK_MS);
    }
    const record = this.#records.get(id);
    if (this.#closing || record?.state !== 'waiting') return;
    const { end: earlier } = await progress.now();
    let ending: Ending;
    try {
      const exit = await this.#train(record);
      const { end } = await progress.now();
      const told = end === earlier ? undefined : end;
      const asked = this.#records.get(id)!.state === 'stopping';
      ending = endingOf({ ...exit, told, asked, closing: this.#closing });
    } catch (error) {
      ending = failed(`The training could not be started: ${(error as Error).message}.`);
    }
    const { stage, step, steps, devScore } = await progress.now();
    await this.#save({
      ...this.#records.get(id)!,
      ...ending,
      ended: now(),
      reached: { stage, step, steps, devScore },
    });
  }

  /** From its start to its end. */
  async #train(record: RunRecord): Promise<EndedProcess & { readonly said: string }> {
    const { command, workspace } = this.#options;
    const folder = this.#folder(record.id);
    await mkdir(join(workspace.models, record.model), { recursive: true });
    const out = join('..', '..', 'models', record.model, record.version);
    const words = ['train', '-c', 'attune.yaml', '--out', out, '--log', LOG];
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
    try {
      const process = child.pid === undefined ? null : await markOf(child.pid);
      const cancelled = this.#records.get(record.id)!.state !== 'waiting';
      await this.#save({
        ...record,
        state: cancelled ? 'stopping' : 'running',
        started: now(),
        process,
      });
      if (cancelled || this.#closing) child.kill('SIGINT');
      return { ...(await ended), said: await readFile(said, 'utf8') };
    } finally {
      this.#signal = undefined;
    }
  }

  /** @param whole - also what is known only from its log */
  async #look(
    given: RunRecord,
    whole = false,
  ): Promise<{ readonly answer: RunAnswer; readonly progress: Progress | undefined }> {
    let record = given;
    const runs = this.#current?.id === record.id ? this.#current.progress : undefined;
    const read = runs ?? (whole || record.state === 'interrupted' ? this.#progressOf(record.id) : undefined);
    const progress = await read?.now();
    if (record.state === 'interrupted' && progress?.end?.event === 'finished') {
      // The service was gone when it came to its end.
      record = { ...record, state: 'finished', ended: progress.end.at };
      await this.#save(record);
    }
    const { id, model, version, state, file, config, created, started, ended, problem } = record;
    const { stage, step, steps, devScore } = progress ?? record.reached;
    const far = { stage, step, steps, devScore };
    return {
      answer: { id, model, version, state, file, config, created, started, ended, problem, ...far },
      progress,
    };
  }

  #progressOf(id: string): RunProgress {
    return new RunProgress(join(this.#folder(id), LOG));
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
