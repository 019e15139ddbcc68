import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import pc from 'picocolors';
import { gigabytes, renderModalities, renderTables, type TrainPlan, train } from '../attune.ts';
import { epochLine } from './epoch-line.ts';
import { gateLines } from './gate-lines.ts';
import { onInterrupt } from './interrupt.ts';
import { createDisplay, type Display } from './progress.ts';
import { EXIT } from './report-error.ts';
import { commandWords, configOf, type TrainingOptions, trainingCommand } from './training-command.ts';

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
  }).action(async (files: string[], options: TrainingOptions) => {
    const display = createDisplay();
    const interrupt = onInterrupt();
    try {
      const { config, inferred } = await configOf(files, options, display);
      if (inferred && !existsSync('attune.yaml')) keepConfig(inferred, display.progress);
      const words = commandWords();
      const say = (text: string) => display.progress({ kind: 'message', text });
      const result = await train({
        config,
        out: options.out,
        resume: options.resume ?? false,
        progress: display.progress,
        command: `attune train ${words.join(' ')}`,
        onPlan: (plan) => say(showPlan(plan)),
        onEpoch: (record, model) => say(epochLine(record, model)),
        stopRequested: interrupt.stopRequested,
      });
      display.stop();
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
          `What each modality gives: micro F1 of the whole model, and with all others hidden\n${renderModalities(result.results, result.alone)}\nWhere one column alone comes near "all", that modality is enough; where "all" is above each, it takes several.\n`,
        );
      if (result.rejects) say(`Rows that were set aside, with reasons: ${result.rejects}`);
      for (const line of gateLines(result.gates)) say(line);
      say(
        `Model: ${options.out} (report.html beside it). Next: attune predict --model ${options.out} more-products.csv --out predicted.csv`,
      );
      if (result.gates.some((gate) => !gate.passed)) process.exitCode = EXIT.gateFailed;
    } finally {
      display.stop();
      interrupt.release();
    }
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
