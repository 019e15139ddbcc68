import { Command, Option } from 'commander';
import { renderReviewers, reviewers } from '../attune.ts';
import { severalFiles } from './event-options.ts';

type Options = {
  readonly reviews?: readonly string[];
  readonly store?: string;
  readonly gold?: readonly string[];
  readonly json?: boolean;
};

export function reviewersCommand(): Command {
  const files = (flags: string, description: string) =>
    new Option(flags, `${description}; repeatable`).argParser(severalFiles);
  return new Command('reviewers')
    .description(
      'Says how far the people who review agree with answers that are known and with each other, and what they disagree on.',
    )
    .addOption(files('--reviews <file>', 'what people said: columns product, attribute, value, reviewer'))
    .option('--store <address>', 'take reviews from a store: its folder, or a postgres:// address')
    .addOption(files('--gold <file>', 'what is known to be right: columns product, attribute, value'))
    .option('--json', 'print everything as JSON on standard output')
    .addHelpText('after', '\nExample:\n  $ attune reviewers --store shop-store --gold gold.csv')
    .action(async ({ json, ...options }: Options) => {
      const report = await reviewers(options);
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderReviewers(report));
      for (const note of report.notes) process.stderr.write(`${note}\n`);
    });
}
