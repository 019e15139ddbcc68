import type { Command } from 'commander';
import pc from 'picocolors';
import {
  type AlignPlan,
  type AlignResult,
  align,
  gigabytes,
  type PairScores,
  pairTable,
  percent,
} from '../attune.ts';
import { asFolder, runRecipe, type TrainingOptions, trainingCommand } from './training-command.ts';

export function alignCommand(): Command {
  return trainingCommand({
    name: 'align',
    description:
      "Trains an encoder of texts and one of pictures to agree on which picture belongs to which text, on a catalog's own pairs, labelled or not.",
    setting: 'align.epochs=3',
    out: ['folder to make, as Hugging Face lays one out', 'attune-pair'],
    examples: [
      'attune align products.csv --out my-pair',
      'attune align -c attune.yaml --set align.model=./clip-vit-base-patch32 --out my-clip',
      'attune train -c attune.yaml --set model.image=./my-pair',
    ],
  }).action((files: string[], options: TrainingOptions) =>
    runRecipe(
      'align',
      files,
      options,
      (shared, say) =>
        align({
          ...shared,
          onPlan: (plan) => say(showPlan(plan)),
          onEpoch: (record) => say(epochLine(record)),
        }),
      (result, say) => {
        process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `\n${pairTable(result)}`);
        if (result.rejects) say(`Rows and files that were set aside, with reasons: ${result.rejects}`);
        const text = result.text === undefined ? '' : `, text: ${asFolder(result.text)}`;
        say(
          `Encoders: ${options.out} (report.html in it). Next: attune train, with this line in attune.yaml:\nmodel: { image: ${asFolder(options.out)}${text} }`,
        );
      },
    ),
  );
}

function showPlan({ pairs, start, parameters, memory, steps, warnings }: AlignPlan): string {
  return [
    pc.bold('Plan'),
    `  pairs      ${pairs.train} train, ${pairs.dev} dev, ${pairs.test} test: products with a text and a picture`,
    `  start      ${start}`,
    `  size       ${(parameters / 1e6).toFixed(1)} M parameters`,
    `  steps      ${steps}`,
    `  memory     about ${gigabytes(memory)} at most`,
    ...warnings.map((warning) => `  ${pc.yellow('note')} ${warning}`),
  ].join('\n');
}

/** "Epoch 2: train loss 0.4312, dev recall@1 picture to text 61.0, text to picture 58.5". */
function epochLine({ epoch, trainLoss, devResults }: AlignResult['history'][number]): string {
  const scores = devResults as PairScores | undefined;
  const dev = scores
    ? `, dev recall@1 picture to text ${percent(scores.pictureToText[1])}, text to picture ${percent(scores.textToPicture[1])}`
    : '';
  return `Epoch ${epoch}: train loss ${trainLoss.toFixed(4)}${dev}`;
}
