import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import pc from 'picocolors';
import {
  gigabytes,
  MODALITIES_LEGEND,
  openTrainLog,
  renderModalities,
  renderTables,
  type TrainLog,
  type TrainPlan,
  train,
} from '../attune.ts';
import type { Progress } from '../base/progress.ts';
import { epochLine } from './epoch-line.ts';
import { gateLines } from './gate-lines.ts';
import { onInterrupt } from './interrupt.ts';
import { createDisplay, type Display } from './progress.ts';
import { EXIT } from './report-error.ts';
import { commandWords, configOf, type TrainingOptions, trainingCommand } from './training-command.ts';

type Options = TrainingOptions & { readonly log?: string; readonly mediaWithin?: string };

export function trainCommand(): Command {
  return trainingCommand({
    name: 'train',
    description:
      'Trains a model on a file of products, prints its figures on products it has not seen, and saves it.',
    setting: 'training.epochs=3',
    out: ['folder of the trained model', 'attune-model'],
    examples: [
      'attune train products.csv',
      'attune train -c attune.yaml --set model.text=./all-MiniLM-L6-v2 --set training.epochs=4',
    ],
  })
    .option(
      '--media-within <folder>',
      'read pictures and sounds from files in this folder only, beside addresses and bytes in the cells',
    )
    .option('--log <file>', 'adds a line of JSON for each step, epoch and stage, for programs that follow')
    .action(async (files: string[], options: Options) => {
      const display = createDisplay();
      const log = options.log === undefined ? undefined : await logOf(options.log, options, display);
      try {
        await trainAsAsked(files, options, display, log);
      } catch (error) {
        log?.failed(error);
        throw error;
      } finally {
        display.stop();
        await log?.close();
      }
    });
}

async function trainAsAsked(
  files: readonly string[],
  options: Options,
  display: Display,
  log: TrainLog | undefined,
): Promise<void> {
  const interrupt = onInterrupt();
  const progress: Progress = (event) => {
    display.progress(event);
    log?.progress(event);
  };
  const say = (text: string) => display.progress({ kind: 'message', text });
  try {
    const { config, inferred } = await configOf(files, options, { ...display, progress });
    if (inferred && !existsSync('attune.yaml')) keepConfig(inferred, progress);
    const words = commandWords();
    const result = await train({
      config,
      out: options.out,
      resume: options.resume ?? false,
      anew: options.anew ?? false,
      ...(options.mediaWithin === undefined ? {} : { mediaWithin: options.mediaWithin }),
      progress,
      command: `attune train ${words.join(' ')}`,
      ...log?.watch,
      onPlan: (plan) => {
        say(showPlan(plan));
        log?.watch.onPlan(plan);
      },
      onEpoch: (record, model) => {
        say(epochLine(record, model));
        log?.watch.onEpoch(record, model);
      },
      stopRequested: interrupt.stopRequested,
    });
    display.stop();
    log?.ended(result);
    if (!result.finished) {
      say(`Stopped and saved. Go on with: attune train ${[...words, '--resume'].join(' ')}`);
      process.exitCode = EXIT.error;
      return;
    }
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else
      process.stdout.write(
        `\nTest results (best epoch ${result.bestEpoch})\n${renderTables(result.results, result.overall)}\n`,
      );
    if (!options.json && result.alone.length > 0)
      process.stdout.write(
        `What each modality gives: micro F1 of the whole model, and with all others hidden\n${renderModalities(result.results, result.alone)}\n${MODALITIES_LEGEND}\n`,
      );
    if (result.rejects) say(`Rows and files that were set aside, with reasons: ${result.rejects}`);
    for (const line of gateLines(result.gates)) say(line);
    say(
      `Model: ${options.out} (report.html beside it). Next: attune predict --model ${options.out} more-products.csv --out predicted.csv`,
    );
    if (result.gates.some((gate) => !gate.passed)) process.exitCode = EXIT.gateFailed;
  } finally {
    interrupt.release();
  }
}

function logOf(file: string, { resume = false }: Options, display: Display): Promise<TrainLog> {
  return openTrainLog(file, {
    resumed: resume,
    trouble: (message) =>
      display.progress({ kind: 'warning', text: `${file} cannot be written any more: ${message}` }),
  });
}

/** ", 0.4 % of them trained" where an adapter stands beside the others. */
function trainedShare({ parameters, trained }: TrainPlan): string {
  return trained === parameters ? '' : `, ${((100 * trained) / parameters).toFixed(1)} % of them trained`;
}

/** The config is a convenience: a folder that cannot hold it does not stop the run. */
function keepConfig(yaml: string, progress: Display['progress']): void {
  try {
    writeFileSync('attune.yaml', yaml, { flag: 'wx' });
    progress({ kind: 'message', text: 'Wrote attune.yaml, inferred from the data.' });
  } catch (cause) {
    progress({
      kind: 'warning',
      text: `The inferred config could not be written to attune.yaml: ${(cause as Error).message}`,
    });
  }
}

function showPlan(plan: TrainPlan): string {
  const { train, dev, test } = plan.products;
  const lines = [
    pc.bold('Plan'),
    `  products   ${train} train (${plan.labelledProducts} with labels), ${dev} dev, ${test} test${plan.rejected > 0 ? `; ${plan.rejected} rows set aside` : ''}`,
    `  start      ${plan.start}`,
    `  size       ${(plan.parameters / 1e6).toFixed(1)} M parameters${trainedShare(plan)}${plan.wordRows === undefined ? '' : `; ${plan.wordRows} word vectors in use are trained`}`,
    `  steps      ${plan.steps}`,
    ...(plan.decoder
      ? [
          `  writing    ${plan.decoder.start}, ${(plan.decoder.parameters / 1e6).toFixed(1)} M parameters, ${plan.decoder.steps} steps`,
        ]
      : []),
    `  memory     about ${gigabytes(plan.memory)} at most`,
    ...plan.attributes.map(
      ({ name, kind, labelled, values }) =>
        `  ${name} (${kind}): ${labelled} labels${values > 0 ? `, ${values} values` : ''}`,
    ),
    ...plan.warnings.map((warning) => `  ${pc.yellow('note')} ${warning}`),
  ];
  return lines.join('\n');
}
