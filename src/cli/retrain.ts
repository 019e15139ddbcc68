import { Command, Option } from 'commander';
import { type RetrainResult, retrain, rollBack } from '../attune.ts';
import { epochLine } from './epoch-line.ts';
import { severalFiles } from './event-options.ts';
import { gateLines } from './gate-lines.ts';
import { onInterrupt } from './interrupt.ts';
import { createDisplay } from './progress.ts';
import { EXIT } from './report-error.ts';
import { anewOption } from './training-command.ts';
import { countingNumber } from './whole-number.ts';

type Options = {
  readonly model: string;
  readonly reviews?: readonly string[];
  readonly store?: string;
  readonly data?: readonly string[];
  readonly history?: string;
  readonly minReviews?: number;
  readonly force?: boolean;
  readonly set: readonly string[];
  readonly resume?: boolean;
  readonly anew?: boolean;
  readonly rollBack?: boolean;
  readonly json?: boolean;
};

export function retrainCommand(): Command {
  const repeatable = (flags: string, description: string) =>
    new Option(flags, `${description}; repeatable`).argParser(severalFiles);
  return new Command('retrain')
    .description(
      'Trains a model further on what people said since, and puts it in the place of the old one only if it is better and nowhere worse.',
    )
    .argument('[files...]', 'further products, in files laid out as the training files')
    .requiredOption('--model <folder>', 'folder of the trained model')
    .addOption(
      repeatable(
        '--reviews <file>',
        'what people said: columns product, attribute, value, and where known reviewer, time',
      ),
    )
    .option(
      '--store <address>',
      'take reviews and the last check from a store: its folder, or a postgres:// address',
    )
    .addOption(repeatable('--data <file>', 'the training files, where they are no longer where they were'))
    .option('--history <file>', 'what `attune monitor` kept; an alert of its last check is a reason to train')
    .option(
      '--min-reviews <n>',
      'so many new reviews are a reason to train; 100 when left out',
      countingNumber,
    )
    .option('--force', 'train without a reason')
    .option(
      '--set <path=value>',
      'change a setting of the training, e.g. training.epochs=2; repeatable',
      (setting: string, before: readonly string[]) => [...before, setting],
      [],
    )
    .option('--resume', 'go on with a training that was stopped')
    .addOption(anewOption())
    .option('--roll-back', 'put the model that was replaced last back, and do nothing else')
    .option('--json', 'print what came of it as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune retrain --model attune-model new-season.csv --reviews reviews.csv\n  $ attune retrain --model attune-model --roll-back',
    )
    .action(async (files: string[], { set, rollBack: back, json, ...options }: Options) => {
      if (back) {
        await rollBack(options.model);
        process.stderr.write(`The earlier model is in ${options.model} again.\n`);
        return;
      }
      const display = createDisplay();
      const interrupt = onInterrupt();
      try {
        const result = await retrain({
          ...options,
          files,
          settings: set,
          progress: display.progress,
          onEpoch: (record) => display.progress({ kind: 'message', text: epochLine(record) }),
          stopRequested: interrupt.stopRequested,
        });
        display.stop();
        if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
        for (const line of linesOf(result, options.model)) process.stderr.write(`${line}\n`);
        if (result.outcome === 'stopped') process.exitCode = EXIT.error;
        if (result.outcome === 'refused') process.exitCode = EXIT.gateFailed;
      } finally {
        display.stop();
        interrupt.release();
      }
    });
}

function linesOf(
  { outcome, why, verdict, gates, challenger, notes }: RetrainResult,
  model: string,
): string[] {
  const lines = [...notes];
  if (outcome === 'kept') return [...lines, ...why];
  lines.push(`Trained because: ${why.join(' ')}`);
  if (outcome === 'stopped')
    return [...lines, 'Stopped and saved. Go on with the same command and --resume.'];
  for (const { name, rows, champion, challenger: now } of verdict!.sets)
    lines.push(`${name}: ${share(champion)} before, ${share(now)} now, of ${rows} answers`);
  lines.push(...verdict!.reasons, ...gateLines(gates));
  lines.push(
    outcome === 'promoted'
      ? `Promoted: ${model}. Back in one command: attune retrain --model ${model} --roll-back`
      : `Not promoted: ${model} stays. The new model is in ${challenger}.`,
  );
  return lines;
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
