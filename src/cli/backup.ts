import { Argument, Command } from 'commander';
import { backupStore } from '../attune.ts';
import { createDisplay } from './progress.ts';
import { STORE_OPTION, saidRecords } from './store-option.ts';

type Options = { readonly store?: string; readonly overwrite?: boolean; readonly json?: boolean };

export function backupCommand(): Command {
  return new Command('backup')
    .description('Writes a whole store into one file, from which either kind of store can be restored.')
    .addArgument(new Argument('<file>', 'the file to make, such as store.jsonl.gz'))
    .option(...STORE_OPTION)
    .option('--overwrite', 'replace a file that is there')
    .option('--json', 'print a summary as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune backup store.jsonl.gz\n  $ attune backup store.jsonl.gz --store postgres://me@db/shop',
    )
    .action(async (out: string, { json, ...options }: Options) => {
      const display = createDisplay();
      const result = await backupStore({ ...options, out, progress: display.progress }).finally(display.stop);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      process.stderr.write(
        `Wrote ${out} (${(result.bytes / 1e6).toFixed(1)} MB): ${saidRecords(result.records)} of ${result.store}.\n`,
      );
    });
}
