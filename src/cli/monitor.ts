import { Command, InvalidArgumentError, Option } from 'commander';
import { CORRECTIONS, type Correction, monitor, renderDrift } from '../attune.ts';
import { severalFiles } from './event-options.ts';
import { createDisplay } from './progress.ts';
import { EXIT } from './report-error.ts';
import { countingNumber } from './whole-number.ts';

type Options = {
  readonly model: string;
  readonly reference?: readonly string[];
  readonly slice?: readonly string[];
  readonly reviews?: readonly string[];
  readonly store?: string;
  readonly sample?: number;
  readonly significance?: number;
  readonly correction: Correction;
  readonly history?: string;
  readonly webhook?: string;
  readonly threads?: number;
  readonly all?: boolean;
  readonly fail?: boolean;
  readonly json?: boolean;
};

export function monitorCommand(): Command {
  return new Command('monitor')
    .description(
      'Compares products, and what a model says of them, with those of its training; says how right it is now, and raises alerts.',
    )
    .argument('<files...>', 'files laid out as the training files, of the period to look at')
    .requiredOption('--model <folder>', 'folder of the trained model')
    .addOption(
      new Option(
        '--reference <file>',
        'file to compare with, in place of what the model keeps of its training; repeatable',
      ).argParser(severalFiles),
    )
    .addOption(
      new Option(
        '--slice <column>',
        'column to look at by itself, such as the supplier or the locale; with --reference; repeatable',
      ).argParser(severalFiles),
    )
    .addOption(
      new Option(
        '--reviews <file>',
        'what people said: columns product, attribute, value, and where known reviewer, time, chance; repeatable',
      ).argParser(severalFiles),
    )
    .option(
      '--store <address>',
      'take reviews from a store, a folder or a postgres:// address, and keep what is found and alerts there',
    )
    .option('--sample <n>', 'rows to predict, about; 2000 when left out', countingNumber)
    .option('--significance <p>', 'chance of a false alarm in a whole report; 0.01 when left out', share)
    .addOption(
      new Option('--correction <name>', 'how p values are corrected for the number of tests')
        .choices(CORRECTIONS)
        .default('holm'),
    )
    .option('--history <file>', 'JSON lines that the check is added to; cool-downs look back into it')
    .option('--webhook <address>', 'post each alert there as JSON')
    .option('--threads <n>', 'processor threads; one a core when left out', countingNumber)
    .option('--all', 'list all tests, also those that found nothing')
    .option('--fail', 'end with exit code 100 if an alert is raised')
    .option('--json', 'print everything as JSON on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune monitor --model attune-model this-week.csv --history watch.jsonl --fail',
    )
    .action(async (files: string[], options: Options) => {
      const display = createDisplay();
      const {
        model,
        reference,
        slice,
        reviews,
        store,
        sample,
        significance,
        correction,
        history,
        webhook,
        threads,
      } = options;
      const result = await monitor({
        model,
        files,
        compare: { correction, ...(significance === undefined ? {} : { thresholds: { significance } }) },
        ...(reference === undefined ? {} : { reference }),
        ...(slice === undefined ? {} : { slices: slice }),
        reviews,
        store,
        ...(sample === undefined ? {} : { sample }),
        ...(history === undefined ? {} : { history }),
        ...(webhook === undefined ? {} : { webhook }),
        ...(threads === undefined ? {} : { threads }),
        progress: display.progress,
      }).finally(display.stop);
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else
        process.stdout.write(
          `\n${renderDrift(result.drift, result.accuracy, { all: options.all ?? false })}`,
        );
      for (const note of result.notes) process.stderr.write(`${note}\n`);
      for (const { message } of result.alerts) process.stderr.write(`Alert: ${message}\n`);
      if (options.fail && result.alerts.length > 0) process.exitCode = EXIT.gateFailed;
    });
}

function share(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number < 1)) throw new InvalidArgumentError('It must be above 0 and below 1.');
  return number;
}
