/** What a recipe leaves: encoders as Hugging Face lays them out, with the report and the charts of the run. */
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unwritable } from '../models/checkpoint/files.ts';

export type RecipeExtras = {
  /** File name -> its text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Folder of charts, which is copied. */
  readonly events: string;
};

/**
 * The folder appears whole or not at all.
 * @param write - writes the encoders into the folder that it is given
 * @throws models/checkpoint-unreadable where it cannot be written
 */
export async function writeRecipeFolder(
  out: string,
  write: (made: string) => Promise<void>,
  { texts, events }: RecipeExtras,
): Promise<void> {
  const made = `${out}.${process.pid}.new`;
  try {
    await write(made);
    for (const [name, text] of Object.entries(texts)) await writeFile(join(made, name), text);
    await cp(events, join(made, 'events'), { recursive: true });
    await rename(made, out);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw unwritable(out, cause);
  }
}
