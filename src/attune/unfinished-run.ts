/** A run that was stopped or killed is hours of work: it is dropped only where that was asked for. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { trainingError } from '../training/errors.ts';
import type { RunPosition } from '../training/run-folder.ts';
import { decoderFolder } from './train-decoder.ts';
import { pretrainedFolder, runFolder } from './train-member.ts';
import type { TrainOptions } from './train-options.ts';

/** @throws training/run-unfinished where a run was saved, and neither `resume` nor `anew` says what to do with it */
export async function refuseUnfinished({
  out,
  resume = false,
  anew = false,
}: Pick<TrainOptions, 'out' | 'resume' | 'anew'>): Promise<void> {
  if (resume || anew) return;
  const run = runFolder(out);
  const folders = [run, pretrainedFolder(run), decoderFolder(out)];
  const saves = (await Promise.all(folders.map(savesIn))).flat().sort((a, b) => b.time - a.time);
  const last = saves[0];
  if (last === undefined) return;
  throw trainingError(
    'training/run-unfinished',
    `${run} holds a run that is not finished, saved ${new Date(last.time).toISOString()}${await stepsOf(last.file)}.`,
    { hint: 'Go on with it: --resume. Or begin anew with --anew, and what was saved of it is gone.' },
  );
}

/** The models of a run each save in a folder of their own, one within another. */
async function savesIn(folder: string) {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => basename(name) === 'run.json').map((name) => join(folder, name));
  return Promise.all(files.map(async (file) => ({ file, time: (await stat(file)).mtimeMs })));
}

/** " after 340 steps (2 epochs)"; nothing where the save cannot be read, which going on will tell. */
async function stepsOf(file: string): Promise<string> {
  try {
    const { step, epoch } = JSON.parse(await readFile(file, 'utf8')) as RunPosition;
    return ` after ${step} steps (whole epochs: ${epoch})`;
  } catch {
    return '';
  }
}
