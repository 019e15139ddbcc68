import type { Command } from 'commander';
import pc from 'picocolors';
import {
  gigabytes,
  type MaskedScores,
  type PretrainPlan,
  type PretrainResult,
  percent,
  pretrain,
  pretrainTable,
} from '../attune.ts';
import { asFolder, runRecipe, type TrainingOptions, trainingCommand } from './training-command.ts';

export function pretrainCommand(): Command {
  return trainingCommand({
    name: 'pretrain',
    description:
      "Trains an encoder of texts on a catalog's own, without labels, by guessing hidden words: from nothing, or on from a checkpoint.",
    setting: 'pretrain.epochs=3',
    out: ['folder to make, as Hugging Face lays one out', 'attune-text'],
    examples: [
      'attune pretrain products.csv reviews.jsonl --out my-encoder',
      'attune pretrain -c attune.yaml --set model.text=./all-MiniLM-L6-v2 --set pretrain.probe=[category] --out my-encoder',
      'attune train -c attune.yaml --set model.text=./my-encoder',
    ],
  }).action((files: string[], options: TrainingOptions) =>
    runRecipe(
      'pretrain',
      files,
      options,
      (shared, say) =>
        pretrain({
          ...shared,
          onPlan: (plan) => say(showPlan(plan)),
          onRound: (record, step) => say(roundLine(record, step)),
        }),
      (result, say) => {
        process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `\n${pretrainTable(result)}`);
        if (result.rejects) say(`Rows that were set aside, with reasons: ${result.rejects}`);
        say(
          `Encoder: ${options.out} (report.html in it). Next: attune train --set model.text=${asFolder(options.out)}`,
        );
      },
    ),
  );
}

function showPlan({ start, parameters, products, tokens, maxTokens, steps, memory, warnings }: PretrainPlan) {
  const { rounds, stepsPerRound, rowsPerStep, stepsPerPass } = steps;
  const all = rounds * stepsPerRound;
  return [
    pc.bold('Plan'),
    `  texts      ${products} products, ${tokens} tokens`,
    `  start      ${start}`,
    `  size       ${(parameters / 1e6).toFixed(1)} M parameters`,
    `  steps      ${all} of ${rowsPerStep} rows of ${maxTokens} tokens, ${(all / stepsPerPass).toFixed(1)} passes`,
    `  memory     about ${gigabytes(memory)} at most`,
    ...warnings.map((warning) => `  ${pc.yellow('note')} ${warning}`),
  ].join('\n');
}

/** "Step 200: train loss 4.3120, dev loss 4.1007, masked accuracy 28.4; category: retrieval@1 61.0, probe 70.2". */
function roundLine({ trainLoss, devResults }: PretrainResult['history'][number], step: number): string {
  const scores = devResults as MaskedScores | undefined;
  const dev = scores
    ? `, dev loss ${scores.loss.toFixed(4)}, masked accuracy ${percent(scores.accuracy)}${scores.probes
        .map(
          ({ attribute, retrieval, accuracy }) =>
            `; ${attribute}: retrieval@1 ${percent(retrieval)}, probe ${percent(accuracy)}`,
        )
        .join('')}`
    : '';
  return `Step ${step}: train loss ${trainLoss.toFixed(4)}${dev}`;
}
