import { Command, Option } from 'commander';
import { applyChanges, FEED_FORMATS, type FeedFormat, findChanges, loadConfig } from '../attune.ts';
import { severalFiles } from './event-options.ts';
import { EXIT } from './report-error.ts';

type Options = {
  readonly config: string;
  readonly out: string;
  readonly reviews?: readonly string[];
  readonly store?: string;
  readonly as: FeedFormat;
  readonly webhook?: string;
  readonly apply?: string;
  readonly all?: boolean;
  readonly undo?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'Lists what people said otherwise than a file, as changes to approve; --apply makes the approved ones, --undo takes them back.',
    )
    .argument('<files...>', 'the products, in CSV, TSV, JSONL or Parquet, or a product CSV of Shopify')
    .requiredOption('--out <file>', 'the changes, or with --apply the file with the changes made')
    .option('-c, --config <file>', 'attune.yaml, which says what the columns are', 'attune.yaml')
    .addOption(new Option('--reviews <file>', 'what people said; repeatable').argParser(severalFiles))
    .option('--store <address>', 'take reviews from a store: its folder, or a postgres:// address')
    .addOption(
      new Option(
        '--as <format>',
        'changes to approve, a supplemental feed of Google (TSV), or JSON-LD of schema.org',
      )
        .choices([...FEED_FORMATS])
        .default(FEED_FORMATS[0]),
    )
    .option('--webhook <address>', 'also post the changes there, as a JSON list')
    .option('--apply <file>', 'make the changes of this file whose column approve says yes')
    .option('--all', 'with --apply: make all of them')
    .option('--undo', 'with --apply: take them back')
    .option('--overwrite', 'replace an output that is there')
    .option('--json', 'print what came of it as JSON on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune publish products.csv --reviews reviews.csv --out changes.csv\n  $ attune publish products.csv --apply changes.csv --out products-new.csv',
    )
    .action(async (files: string[], options: Options) => {
      const {
        out,
        overwrite = false,
        reviews,
        store,
        as: format,
        webhook,
        apply,
        all = false,
        undo = false,
      } = options;
      const { config } = await loadConfig({ files, configFile: options.config, settings: [] });
      const shared = { config, files, out, overwrite };
      if (apply === undefined) {
        const changes = await findChanges({
          ...shared,
          reviews,
          store,
          format,
          ...(webhook === undefined ? {} : { webhook }),
        });
        if (options.json) process.stdout.write(`${JSON.stringify(changes)}\n`);
        process.stderr.write(`${changes.length} changes in ${out}.\n`);
        return;
      }
      const applied = await applyChanges({ ...shared, changes: apply, all, undo });
      if (options.json) process.stdout.write(`${JSON.stringify(applied)}\n`);
      process.stderr.write(`${applied.made} changes made in ${out}.\n`);
      for (const { product, column, before, found } of applied.conflicts)
        process.stderr.write(`Left alone: ${column} of ${product} was "${before}" and is "${found}".\n`);
      if (applied.conflicts.length > 0) process.exitCode = EXIT.gateFailed;
    });
}
