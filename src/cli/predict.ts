import { Command } from 'commander';
import { type Precision, predictFile } from '../attune.ts';
import { addEventOptions, type EventFlags, eventOptions } from './event-options.ts';
import { onInterrupt } from './interrupt.ts';
import { precisionOption } from './precision-option.ts';
import { createDisplay } from './progress.ts';
import { EXIT } from './report-error.ts';
import { textFileOption } from './text-file-option.ts';
import { countingNumber, wholeNumber } from './whole-number.ts';

type Options = EventFlags & {
  readonly model: string;
  readonly out: string;
  readonly topK: number;
  readonly contributions?: boolean;
  readonly ask?: readonly string[];
  readonly encoding?: string;
  readonly overwrite?: boolean;
  readonly textFile?: Readonly<Record<string, string>>;
  readonly precision: Precision;
  readonly threads?: number;
  readonly distributed?: boolean;
  readonly store?: string;
  readonly json?: boolean;
};

export function predictCommand(): Command {
  const command = new Command('predict')
    .description(
      'Predicts the attributes of every row of a file, streaming; a stopped run goes on where it was.',
    )
    .argument('<files...>', 'CSV, TSV, JSONL or Parquet, gzipped or not')
    .requiredOption('--model <folder>', 'folder of the trained model')
    .requiredOption('--out <file>', 'CSV, TSV, JSONL or Parquet, by its name')
    .option('--top-k <n>', 'also list the n best values of each attribute', wholeNumber, 0)
    .option(
      '--contributions',
      'also say what text, pictures, sounds, numbers and behaviour contributed to each answer; several times the work',
    )
    .option(
      '--ask <attribute>',
      'also extract this one, by name or as "name: description", though the model never saw it; for review; repeatable',
      (asked: string, before: readonly string[] = []) => [...before, asked],
    )
    .addOption(textFileOption());
  return addEventOptions(command, { without: true })
    .addOption(precisionOption())
    .option(
      '--threads <n>',
      'processor threads, each with a copy of the model; one a core when left out',
      countingNumber,
    )
    .option(
      '--encoding <name>',
      'character encoding of the files, where it is not that of the training files',
    )
    .option(
      '--distributed',
      'share the work with all workers (attune worker) that have the same model and the same --store',
    )
    .option(
      '--store <where>',
      'with --distributed: a folder, or a postgres:// address; DATABASE_URL, else the folder attune-store, when left out',
    )
    .option('--overwrite', 'replace an output that is there')
    .option('--json', 'print a summary as JSON on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune predict --model attune-model products.csv --out predicted.parquet',
    )
    .action(async (files: string[], options: Options) => {
      const display = createDisplay();
      const interrupt = onInterrupt();
      try {
        const result = await predictFile({
          model: options.model,
          files,
          out: options.out,
          topK: options.topK,
          contributions: options.contributions ?? false,
          ...(options.ask === undefined ? {} : { ask: options.ask }),
          precision: options.precision,
          overwrite: options.overwrite ?? false,
          progress: display.progress,
          stopRequested: interrupt.stopRequested,
          ...(options.textFile === undefined ? {} : { textFiles: options.textFile }),
          ...eventOptions(options),
          ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
          ...(options.threads === undefined ? {} : { threads: options.threads }),
          ...(options.distributed
            ? { distributed: options.store === undefined ? {} : { store: options.store } }
            : {}),
        });
        display.stop();
        if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
        if (!result.finished) {
          process.stderr.write(`Stopped after ${result.rows} rows. The same command goes on from there.\n`);
          process.exitCode = EXIT.error;
          return;
        }
        process.stderr.write(
          `${result.rows} rows predicted into ${options.out}${result.rejected > 0 ? `; ${result.rejected} rows could not be read, ${result.rejects ?? 'which'} says why` : ''}${result.mediaProblems > 0 ? `; ${result.mediaProblems} pictures or sounds could not be read, ${result.rejects} says why` : ''}.\n`,
        );
        for (const [name, { auto, review, abstain }] of Object.entries(result.statuses)) {
          process.stderr.write(
            `  ${name}: ${auto} auto, ${review} review${abstain > 0 ? `, ${abstain} abstain` : ''}\n`,
          );
        }
      } finally {
        display.stop();
        interrupt.release();
      }
    });
}
