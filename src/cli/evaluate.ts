import { Command } from 'commander';
import { evaluateFile, type Precision, renderSuspects, renderTables } from '../attune.ts';
import { addEventOptions, type EventFlags, eventOptions } from './event-options.ts';
import { gateLines } from './gate-lines.ts';
import { precisionOption } from './precision-option.ts';
import { createDisplay } from './progress.ts';
import { EXIT } from './report-error.ts';
import { textFileOption } from './text-file-option.ts';
import { countingNumber } from './whole-number.ts';

type Options = EventFlags & {
  readonly model: string;
  readonly encoding?: string;
  readonly report?: string;
  readonly textFile?: Readonly<Record<string, string>>;
  readonly precision: Precision;
  readonly threads?: number;
  readonly suspects?: boolean;
  readonly json?: boolean;
};

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('Compares what a trained model says with labels that are known, and prints its figures.')
    .argument('<files...>', 'files laid out as the training files, with labels')
    .requiredOption('--model <folder>', 'folder of the trained model')
    .option(
      '--encoding <name>',
      'character encoding of the files, where it is not that of the training files',
    )
    .option('--report <file>', 'also write a report as HTML')
    .option('--suspects', 'also list labels that the model doubts, of products that it was not trained on')
    .addOption(textFileOption());
  return addEventOptions(command, { without: true })
    .addOption(precisionOption())
    .option('--threads <n>', 'threads of the runtime; one a core when left out', countingNumber)
    .option('--json', 'print the figures as JSON on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune evaluate --model attune-model labelled.csv --report report.html',
    )
    .action(async (files: string[], { json, textFile, events, shoppers, at, ...options }: Options) => {
      const display = createDisplay();
      const result = await evaluateFile({
        ...options,
        files,
        ...eventOptions({ events, shoppers, at }),
        ...(textFile === undefined ? {} : { textFiles: textFile }),
        progress: display.progress,
        command: `attune evaluate ${process.argv.slice(3).join(' ')}`,
      }).finally(display.stop);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else
        process.stdout.write(
          `\nResults on ${result.products} products with labels\n${renderTables(result.results, result.overall)}\n${renderSuspects(result.suspects ?? [])}`,
        );
      for (const line of gateLines(result.gates)) process.stderr.write(`${line}\n`);
      if (options.report !== undefined) process.stderr.write(`Report: ${options.report}\n`);
      if (result.gates.some(({ passed }) => !passed)) process.exitCode = EXIT.gateFailed;
    });
}
