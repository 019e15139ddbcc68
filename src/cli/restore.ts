import { Argument, Command } from 'commander';
import { restoreStore } from '../attune.ts';
import { createDisplay } from './progress.ts';
import { STORE_OPTION, saidRecords } from './store-option.ts';

type Options = { readonly store?: string; readonly replace?: boolean; readonly json?: boolean };

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Reads a backup into a store, embedded or PostgreSQL, all of it or nothing.')
    .addArgument(new Argument('<file>', 'a file that `attune backup` made'))
    .option(...STORE_OPTION)
    .option('--replace', 'let the backup take the place of what is in the store')
    .option('--json', 'print a summary as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune restore store.jsonl.gz --store ./attune-store\n  $ attune restore store.jsonl.gz --store postgres://me@db/shop --replace',
    )
    .action(async (file: string, { json, ...options }: Options) => {
      const display = createDisplay();
      const result = await restoreStore({ ...options, file, progress: display.progress }).finally(
        display.stop,
      );
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      process.stderr.write(`Restored ${saidRecords(result.records)} into ${result.store}.\n`);
    });
}
