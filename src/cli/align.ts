import { Command } from 'commander';
import pc from 'picocolors';
import { type AlignPlan, type AlignResult, align, loadConfig, type PairScores } from '../attune.ts';
import { onInterrupt } from './interrupt.ts';
import { createDisplay } from './progress.ts';
import { EXIT } from './report-error.ts';

type Options = {
  readonly config?: string;
  readonly set: string[];
  readonly out: string;
  readonly resume?: boolean;
  readonly json?: boolean;
};

const collect = (value: string, earlier: string[]) => [...earlier, value];

export function alignCommand(): Command {
  return new Command('align')
    .description(
      "Trains an encoder of texts and one of pictures to agree on which picture belongs to which text, on a catalog's own pairs, labelled or not.",
    )
    .argument('[files...]', 'data files; what the config does not say is inferred from them')
    .option('-c, --config <file>', 'config file (attune.yaml when it is there and no data file is named)')
    .option('--set <path=value>', 'sets one config value, e.g. align.epochs=3; may be repeated', collect, [])
    .option('--out <folder>', 'folder to make, as Hugging Face lays one out', 'attune-pair')
    .option('--resume', 'go on with a run that was stopped or killed')
    .option('--json', 'print the results as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune align products.csv --out my-pair\n  $ attune align -c attune.yaml --set align.model=./clip-vit-base-patch32 --out my-clip\n  $ attune train -c attune.yaml --set model.image=./my-pair',
    )
    .action(async (files: string[], options: Options) => {
      const display = createDisplay();
      const interrupt = onInterrupt();
      const say = (text: string) => display.progress({ kind: 'message', text });
      try {
        const { config } = await loadConfig({
          files,
          settings: options.set,
          progress: display.progress,
          ...(options.config ? { configFile: options.config } : {}),
        });
        const result = await align({
          config,
          out: options.out,
          resume: options.resume ?? false,
          progress: display.progress,
          onPlan: (plan) => say(showPlan(plan)),
          onEpoch: (record) => say(epochLine(record)),
          stopRequested: interrupt.stopRequested,
        });
        display.stop();
        if (!result.finished) {
          const words = process.argv.slice(3).filter((word) => word !== '--resume');
          say(`Stopped and saved. Go on with: attune align ${[...words, '--resume'].join(' ')}`);
          process.exitCode = EXIT.error;
          return;
        }
        process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : showResult(result));
        if (result.rejects) say(`Rows and files that were set aside, with reasons: ${result.rejects}`);
        say(`Encoders: ${options.out}. Next: attune train --set model.image=${relative(options.out)}`);
      } finally {
        display.stop();
        interrupt.release();
      }
    });
}

/** A folder as a config names one, which would be a name on the hub otherwise. */
const relative = (folder: string) => (/^[./]/.test(folder) ? folder : `./${folder}`);

function showPlan({ pairs, start, parameters, steps, warnings }: AlignPlan): string {
  return [
    pc.bold('Plan'),
    `  pairs      ${pairs.train} train, ${pairs.dev} dev, ${pairs.test} test: products with a text and a picture`,
    `  start      ${start}`,
    `  size       ${(parameters / 1e6).toFixed(1)} M parameters`,
    `  steps      ${steps}`,
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

function showResult({ test, before, bestEpoch }: AlignResult): string {
  if (!test)
    return `\nNo two test products have texts and pictures that differ, so nothing was tested; epoch ${bestEpoch} was kept.\n`;
  const line = (what: string, scores: PairScores['pictureToText']) =>
    `${what.padEnd(26)}${[scores[1], scores[5], scores[10]].map((each) => percent(each).padStart(10)).join('')}\n`;
  const chance = (k: number) => Math.min(1, k / test.products);
  return [
    `\nWhich belongs to which, among ${test.products} test products (best epoch ${bestEpoch})\n`,
    `${''.padEnd(26)}${['recall@1', 'recall@5', 'recall@10'].map((each) => each.padStart(10)).join('')}\n`,
    line('picture to text', test.pictureToText),
    line('text to picture', test.textToPicture),
    ...(before
      ? [
          line('before: picture to text', before.pictureToText),
          line('before: text to picture', before.textToPicture),
        ]
      : []),
    line('by chance', { 1: chance(1), 5: chance(5), 10: chance(10) }),
  ].join('');
}

const percent = (share: number) => (100 * share).toFixed(1);
