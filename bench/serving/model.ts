/** A bundle over a checkpoint, trained as briefly as can be: how well it answers is of no matter here. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { train } from '../../src/index.ts';

const ROWS = 200;
const VALUES = 16;

/** Titles of AE-110K. */
export function readTitles(data: string): string[] {
  return readFileSync(join(data, 'extractgpt', 'ae-110k', 'train.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { input: string }).input);
}

/** One attribute of sixteen values, no wide part: the encoder and a head, as the peers have them. @returns the bundle's folder */
export async function trainModel(
  scratch: string,
  checkpoint: string,
  titles: readonly string[],
): Promise<string> {
  const file = join(scratch, 'titles.csv');
  const rows = titles
    .slice(0, ROWS)
    .map((title, i) => `${i},"${title.replaceAll('"', '""')}",value ${i % VALUES}`);
  writeFileSync(file, `${['sku,title,kind', ...rows].join('\n')}\n`);
  const out = join(scratch, 'model');
  const config = join(scratch, 'attune.yaml');
  writeFileSync(
    config,
    'data: {id: sku}\ninputs: {title: text}\nattributes: {kind: choice}\ntraining: {epochs: 1}\n',
  );
  await train({
    files: [file],
    configFile: config,
    settings: { 'model.text': checkpoint, 'model.wide': false },
    out,
  });
  return out;
}
