import { Command } from 'commander';
import { feedback } from '../attune.ts';
import { STORE_OPTION } from './store-option.ts';
import { countingNumber } from './whole-number.ts';

type Raised = Awaited<ReturnType<typeof feedback>>;
type Options = { readonly store?: string; readonly days?: number; readonly json?: boolean };

export function feedbackCommand(): Command {
  return new Command('feedback')
    .description(
      'Puts products first in the review queue that come back as not described, or that searches for other values find.',
    )
    .option(...STORE_OPTION)
    .option('--days <n>', 'days before the last event that count; 90 when left out', countingNumber)
    .option('--json', 'print how many, and what shoppers did not find, as JSON on standard output')
    .addHelpText('after', '\nExample:\n  $ attune feedback --store shop-store --days 30')
    .action(async ({ json, ...options }: Options) => {
      const raised = await feedback(options);
      if (json) process.stdout.write(`${JSON.stringify(raised)}\n`);
      process.stderr.write(
        `Put first in the review queue: ${raised.returns} values by returns, ${raised.searches} by searches.\n${unfoundLines(raised.unfound)}`,
      );
    });
}

/** How many are named; `--json` has more. */
const MOST_NAMED = 5;

function unfoundLines({ searches, fruitless, queries, words }: Raised['unfound']): string {
  if (searches === 0) return '';
  const list = (named: readonly { readonly name: string; readonly fruitless: number }[]) =>
    named
      .slice(0, MOST_NAMED)
      .map((one) => `"${one.name}" (${one.fruitless})`)
      .join(', ');
  const share = Math.round((100 * fruitless) / searches);
  const lines = [`${fruitless} of ${searches} searches (${share}%) led to no product.`];
  if (queries.length > 0)
    lines.push(`Most often: ${list(queries.map(({ query: name, ...one }) => ({ name, ...one })))}.`);
  if (words.length > 0)
    lines.push(
      `Words that no attribute has: ${list(words.map(({ word: name, ...one }) => ({ name, ...one })))}.`,
    );
  return `${lines.join('\n')}\n`;
}
