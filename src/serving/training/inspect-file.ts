/** What `attune inspect` finds in a file that was sent, in a process of its own. */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { InspectionAnswer } from '../api/training.ts';
import { type AttuneCommand, complaintIn, startAttune } from './attune-process.ts';
import { unreadable } from './uploads.ts';

const EXAMPLE_CHARACTERS = 200;
const MINUTE_MS = 60_000;
/** Of what is found: it is in memory here. */
const MOST_BYTES = 32 * 1024 * 1024;
/** For what the process writes; the name of no upload begins with a dot. */
const OWN = '.inspection';

/**
 * @param folder - of the file
 * @param signal - ends it
 * @param timeoutMs - then it is ended
 * @throws `serving/file-unreadable` with what the command says
 */
export async function inspectUpload(
  command: AttuneCommand,
  folder: string,
  name: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<InspectionAnswer> {
  const own = join(folder, OWN);
  const [stdout, stderr, config] = ['found.json', 'said.txt', 'attune.yaml'].map((file) =>
    join(own, file),
  ) as [string, string, string];
  await mkdir(own, { recursive: true });
  try {
    const { child, ended } = startAttune(
      command,
      // Of pictures and sounds those that are among the files that were sent.
      ['inspect', `./${name}`, '--json', '--out', config, '--force', '--media-within', '..'],
      folder,
      { stdout, stderr },
    );
    const kill = () => child.kill('SIGKILL');
    let tooLong = false;
    const timer = setTimeout(() => {
      tooLong = true;
      kill();
    }, timeoutMs);
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const { code } = await ended.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
    });
    if (tooLong)
      throw unreadable(
        `${name} could not be looked at within ${timeoutMs / MINUTE_MS} minutes, so the look was ended.`,
        'Send a part of its rows to look at, or the whole as Parquet. A training of it can be asked for without a look.',
      );
    if (code !== 0) {
      const said = await readFile(stderr, 'utf8');
      const complaint = complaintIn(said);
      throw unreadable(
        complaint?.message ?? `${name} could not be looked at. ${said.slice(-500)}`.trim(),
        complaint?.hint,
      );
    }
    if ((await stat(stdout)).size > MOST_BYTES)
      throw unreadable(
        `${name} has more columns than can be shown.`,
        'Send it without those that say nothing.',
      );
    const found = JSON.parse(await readFile(stdout, 'utf8')) as Found;
    const { data, inputs, attributes } = parse(await readFile(config, 'utf8')) as Config;
    const { path: _, ...columns } = data;
    return {
      ...answerOf(found),
      config: { data: columns, inputs: inputs ?? {}, attributes: attributes ?? {} },
    };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** As `attune inspect --json` prints it. */
type Found = Omit<InspectionAnswer, 'config'>;

type Config = {
  readonly data: Readonly<Record<string, unknown>>;
  readonly inputs?: Record<string, unknown>;
  readonly attributes?: Record<string, unknown>;
};

function answerOf({ rows, products, layout, columns, attributes, warnings }: Found): Found {
  return {
    rows,
    products,
    layout,
    columns: columns.map(({ name, type, role, reason, filled, distinct, examples }) => ({
      name,
      type,
      role,
      reason,
      filled,
      distinct,
      examples: examples.map((example) => example.slice(0, EXAMPLE_CHARACTERS)),
    })),
    attributes: attributes.map(({ name, column, kind, reason, labelled, distinct, usable }) => ({
      name,
      column,
      kind,
      reason,
      labelled,
      distinct,
      usable,
    })),
    warnings: warnings.map(({ level, code, where, what, why, action }) => ({
      level,
      code,
      where,
      what,
      why,
      action,
    })),
  };
}
