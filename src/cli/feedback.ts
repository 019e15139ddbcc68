import { Command } from 'commander';
import { feedback } from '../attune.ts';
import { STORE_OPTION } from './store-option.ts';
import { countingNumber } from './whole-number.ts';

type Options = { readonly store?: string; readonly days?: number; readonly json?: boolean };

export function feedbackCommand(): Command {
  return new Command('feedback')
    .description(
      'Puts products first in the review queue that come back as not described, or that searches for other values find.',
    )
    .option(...STORE_OPTION)
    .option('--days <n>', 'days before the last event that count; 90 when left out', countingNumber)
    .option('--json', 'print how many as JSON on standard output')
    .addHelpText('after', '\nExample:\n  $ attune feedback --store shop-store --days 30')
    .action(async ({ json, ...options }: Options) => {
      const raised = await feedback(options);
      if (json) process.stdout.write(`${JSON.stringify(raised)}\n`);
      process.stderr.write(
        `Put first in the review queue: ${raised.returns} values by returns, ${raised.searches} by searches.\n`,
      );
    });
}
