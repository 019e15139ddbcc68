import { type FileHandle, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import type { TensorboardErrorCode } from './errors.ts';
import { type EventContent, encodeEvent } from './event.ts';
import { frameRecord } from './record.ts';

export type EventFileOptions = {
  /** Milliseconds since 1970, UTC; stamps the events and the file's name. */
  readonly now: () => number;
  /** The step a resumed run goes on from: TensorBoard forgets what earlier files say of it and later ones. */
  readonly resumedAtStep?: number;
};

/**
 * A TensorBoard event file, made anew in a run's folder: TensorBoard reads all files of a folder as one run, so a
 * resumed run adds a file and never touches one that a killed run may have left torn.
 *
 * Events wait in memory until `flush`, which returns when they are on the disk. Owns a file handle: close it.
 */
export class EventFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #now: () => number;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(path: string, file: FileHandle, now: () => number) {
    this.path = path;
    this.#file = file;
    this.#now = now;
  }

  /** Makes the folder where needed, and a new file in it whose name TensorBoard recognises. */
  static async create(folder: string, options: EventFileOptions): Promise<EventFile> {
    await makeFolder(folder);
    const seconds = String(Math.floor(options.now() / 1000)).padStart(10, '0');
    const host = hostname().replace(/[^A-Za-z0-9-]/g, '-');
    for (let number = 0; ; number++) {
      const path = join(folder, `events.out.tfevents.${seconds}.${host}.${process.pid}.${number}`);
      const file = await open(path, 'ax').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return undefined;
        throw error;
      });
      if (file === undefined) continue;
      const events = new EventFile(path, file, options.now);
      events.#add(0, { kind: 'file-start' });
      if (options.resumedAtStep !== undefined) events.#add(options.resumedAtStep, { kind: 'session-start' });
      await events.flush();
      return events;
    }
  }

  /**
   * @param tag - names the chart; a slash groups charts ("dev/micro F1")
   * @param value - kept as float32; NaN and infinities are drawn as gaps
   * @param step - a whole number from 0
   */
  scalar(tag: string, value: number, step: number): void {
    this.#add(step, { kind: 'scalar', tag, value });
  }

  /** @param text - Markdown */
  text(tag: string, text: string, step: number): void {
    this.#add(step, { kind: 'text', tag, text });
  }

  /** Appends what waits and waits until the disk has it. */
  flush(): Promise<void> {
    const next = this.#writing.then(async () => {
      if (this.#waiting.length === 0) return;
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    });
    // A failed flush is reported to who asked for it; the next one starts afresh.
    this.#writing = next.catch(() => {});
    return next;
  }

  /** Flushes and closes; a second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }

  #add(step: number, content: EventContent): void {
    if (this.#closed) {
      throw new AttuneError<TensorboardErrorCode>(
        'training/event-file-closed',
        `The event file ${this.path} is closed; nothing can be added to it.`,
      );
    }
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new AttuneError<TensorboardErrorCode>(
        'training/event-step',
        `The step of a TensorBoard event must be a whole number from 0. Got ${step}.`,
        { details: { step } },
      );
    }
    this.#waiting.push(frameRecord(encodeEvent(this.#now() / 1000, step, content)));
  }
}
