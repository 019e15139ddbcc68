import { Argument, Command, Option } from 'commander';
import { exportBundle } from '../attune.ts';
import { createDisplay } from './progress.ts';
import { countingNumber } from './whole-number.ts';

type Options = {
  readonly model: string;
  readonly to: 'onnx' | 'huggingface';
  readonly part?: 'encoder' | 'decoder';
  readonly overwrite?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
};

export function exportCommand(): Command {
  return new Command('export')
    .description('Writes a trained model for other programs, and checks that it answers the same.')
    .addArgument(new Argument('<out>', 'the file (onnx) or the folder (huggingface) to make'))
    .requiredOption('--model <folder>', 'folder of the trained model')
    .addOption(
      new Option(
        '--to <format>',
        'onnx: the model but for its wide part, an ensemble averaged, standard operators only; huggingface: its (first) encoder, for transformers and sentence-transformers',
      )
        .choices(['onnx', 'huggingface'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--part <part>',
        'of huggingface: the encoder (default), or the decoder that writes texts, as a GPT-2 folder',
      ).choices(['encoder', 'decoder']),
    )
    .option('--overwrite', 'replace an ONNX file that is there')
    .option('--threads <n>', 'threads of the runtime; one a core when left out', countingNumber)
    .option('--json', 'print a summary as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune export --model attune-model --to onnx model.onnx\n  $ attune export --model attune-model --to huggingface ./my-encoder',
    )
    .action(async (out: string, { json, ...options }: Options) => {
      const display = createDisplay();
      const result = await exportBundle({ ...options, out, progress: display.progress }).finally(
        display.stop,
      );
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      if (result.to === 'onnx' && !result.complete)
        process.stderr.write(
          'The model has a wide part (sums over words and letters of the text), which ONNX does not hold: this file answers as the encoder alone would. Train with model.wide=false for a file that is the whole model.\n',
        );
      process.stderr.write(
        result.to === 'onnx'
          ? `Wrote ${out} (${(result.bytes / 1e6).toFixed(1)} MB). On ${result.checkedOn} products it differs from what it was made of by at most ${result.difference.toExponential(1)}.\n`
          : `Wrote ${out}: ${result.tensors} tensors, ${(result.parameters / 1e6).toFixed(1)} M parameters, the same as the model's.\n`,
      );
    });
}
