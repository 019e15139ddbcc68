/** What a service that trains holds: files that were sent, what stands in them, and the runs that are made of them. */
import { AttuneError } from '../../base/errors.ts';
import type { FileAnswer } from '../api/training.ts';
import type { RequestErrorCode } from '../errors.ts';
import type { AttuneCommand } from './attune-process.ts';
import { inspectUpload } from './inspect-file.ts';
import { TrainingRuns, type TrainingRunsOptions } from './training-runs.ts';
import { Uploads } from './uploads.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export type TrainingOptions = {
  /** A folder for files, runs and models; made where it is not there. */
  readonly workspace: string;
  /** Bytes of one file. */
  readonly maxUploadBytes: number;
  /** How the command line of Attune is started. */
  readonly command: AttuneCommand;
  readonly check: TrainingRunsOptions['check'];
};

type TrainingOthers = Pick<TrainingRunsOptions, 'isLoaded' | 'onTrouble'> & {
  /** That a look at a file may take. */
  readonly inspectTimeoutMs: number;
};

export class Training {
  readonly uploads: Uploads;
  readonly runs: TrainingRuns;
  readonly maxUploadBytes: number;
  readonly encoders: () => Promise<readonly string[]>;
  readonly #command: AttuneCommand;
  readonly #inspectTimeoutMs: number;
  readonly #release: () => Promise<void>;
  readonly #gone = new AbortController();
  readonly #remember: Workspace['rememberLive'];
  readonly #onTrouble: (error: unknown) => void;
  #noted: Promise<void> = Promise.resolve();
  /** By the id of the file. */
  readonly #inspecting = new Map<string, Promise<FileAnswer>>();
  /** Files are looked at one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    { maxUploadBytes, command }: TrainingOptions,
    workspace: Workspace,
    parts: Pick<Training, 'uploads' | 'runs'> & Pick<TrainingOthers, 'onTrouble' | 'inspectTimeoutMs'>,
  ) {
    this.maxUploadBytes = maxUploadBytes;
    this.#command = command;
    this.#inspectTimeoutMs = parts.inspectTimeoutMs;
    this.uploads = parts.uploads;
    this.runs = parts.runs;
    this.encoders = workspace.encoders;
    this.#remember = workspace.rememberLive;
    this.#release = workspace.close;
    this.#onTrouble = parts.onTrouble;
  }

  /** @throws `serving/workspace-unwritable`, `store/folder-locked` where another service has the workspace */
  static async open(
    options: TrainingOptions,
    { inspectTimeoutMs, ...others }: TrainingOthers,
  ): Promise<Training> {
    const workspace = await openWorkspace(options.workspace);
    try {
      const uploads = new Uploads(workspace.files, options.maxUploadBytes);
      await uploads.tidy();
      const { command, check } = options;
      const runs = await TrainingRuns.open({ workspace, uploads, command, check, ...others });
      const { onTrouble } = others;
      return new Training(options, workspace, { uploads, runs, onTrouble, inspectTimeoutMs });
    } catch (cause) {
      await workspace.close();
      throw cause;
    }
  }

  /**
   * What stands in a file. It is looked at once, whoever asks meanwhile, and also when nobody waits any more.
   * @throws `serving/file-not-found`, `serving/file-unreadable`
   */
  async inspect(id: string): Promise<FileAnswer> {
    const file = await this.uploads.get(id);
    if (file.inspection !== null) return file;
    const under = this.#inspecting.get(id) ?? this.#inspect(file);
    this.#inspecting.set(id, under);
    return under;
  }

  #inspect(file: FileAnswer): Promise<FileAnswer> {
    const turn = this.#turn.then(async () => {
      const { signal } = this.#gone;
      const folder = this.uploads.folderOf(file);
      const found = await inspectUpload(this.#command, folder, file.name, signal, this.#inspectTimeoutMs);
      return this.uploads.keepInspection(file, found);
    });
    this.#turn = turn.catch(() => {}).finally(() => this.#inspecting.delete(file.id));
    return turn;
  }

  /** @throws `serving/file-not-found`, `serving/file-in-use` */
  async removeFile(id: string): Promise<FileAnswer> {
    const readers = this.runs.readers(id);
    if (readers.length > 0)
      throw new AttuneError<RequestErrorCode>(
        'serving/file-in-use',
        `The file is read by ${readers.join(', ')}, which has not finished.`,
        { hint: 'Delete the run first.' },
      );
    if (this.#inspecting.has(id))
      throw new AttuneError<RequestErrorCode>('serving/file-in-use', 'The file is being looked at.', {
        hint: 'Delete it when that has ended.',
      });
    return this.uploads.remove(id);
  }

  /** Notes which versions answer, so that those that were trained here answer again after a restart. */
  remember(live: readonly { readonly name: string; readonly version: string }[]): void {
    this.#noted = this.#noted.then(() => this.#remember(live)).catch(this.#onTrouble);
  }

  /** A training that runs saves and stops. @param withinMs - then it is ended */
  async close(withinMs: number): Promise<void> {
    this.#gone.abort();
    await this.#turn;
    await this.runs.close(withinMs);
    await this.#noted;
    await this.#release();
  }
}
