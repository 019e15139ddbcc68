import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { inspectFile } from '../attune.ts';
import { severalFiles } from './event-options.ts';
import { endWithStarter } from './interrupt.ts';
import { createDisplay } from './progress.ts';

type Options = {
  readonly out: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly fetch?: boolean;
  readonly mediaWithin?: string;
  readonly events?: readonly string[];
  readonly shoppers?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
};

/** Cells of each column of pictures or sounds that are read. */
const MOST_MEDIA = 2000;

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Shows what a file of products holds and what would ruin a model, and writes attune.yaml.')
    .argument('<files...>', 'CSV, TSV, JSONL or Parquet, gzipped or not; globs are fine')
    .option('--out <file>', 'where to write the config', 'attune.yaml')
    .option(
      '--encoding <name>',
      'character encoding of the files, e.g. windows-1252 (UTF-8 and UTF-16 are found)',
    )
    .option('--delimiter <character>', 'what stands between two cells of a CSV (found when left out)')
    .option(
      '--fetch',
      'fetch the pictures and sounds that stand at http(s) addresses, to see which can be read',
    )
    .option(
      '--media-within <folder>',
      'read pictures and sounds from files in this folder only, beside addresses and bytes in the cells',
    )
    .option('--events <file>', 'event log to look at and to make an input of; repeatable', severalFiles)
    .option('--shoppers <file>', 'profiles of its shoppers; repeatable', severalFiles)
    .option('--force', 'replace a config that is there')
    .option('--json', 'print the findings as JSON on standard output')
    .addHelpText('after', '\nExample:\n  $ attune inspect products.csv')
    .action(async (files: string[], options: Options) => {
      endWithStarter();
      const display = createDisplay();
      const { encoding, delimiter, events: log, shoppers, mediaWithin } = options;
      const { inspection, events, text, yaml } = await inspectFile({
        files,
        ...(encoding === undefined ? {} : { encoding }),
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(log === undefined ? {} : { events: log }),
        ...(shoppers === undefined ? {} : { shoppers }),
        ...(mediaWithin === undefined ? {} : { mediaWithin }),
        mostMedia: MOST_MEDIA,
        fetch: options.fetch ?? false,
        progress: display.progress,
      }).finally(display.stop);
      process.stdout.write(options.json ? `${JSON.stringify({ ...inspection, events })}\n` : `${text}\n`);
      if (existsSync(options.out) && !options.force) {
        process.stderr.write(`${options.out} is there already and was left as it is; --force replaces it.\n`);
        return;
      }
      writeFileSync(options.out, yaml);
      process.stderr.write(`Wrote ${options.out}. Next: attune train -c ${options.out}\n`);
    });
}
