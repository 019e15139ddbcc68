import { Command } from 'commander';
import { DEFAULT_PORT, type NamedBundle, type Precision, parseNamedBundle, serveBundle } from '../attune.ts';
import { addEventOptions, type EventFlags, eventOptions } from './event-options.ts';
import { precisionOption } from './precision-option.ts';
import { createDisplay } from './progress.ts';
import { countingNumber, wholeNumber } from './whole-number.ts';

type Options = EventFlags & {
  readonly model: readonly NamedBundle[];
  readonly models?: string;
  readonly port: number;
  readonly host?: string;
  readonly precision: Precision;
  readonly threads?: number;
  readonly json?: boolean;
};

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Serves trained models over HTTP: POST /v1/products:predict, with a page to try it.')
    .option(
      '--model <folder>',
      'a trained model, as FOLDER, NAME=FOLDER or NAME@VERSION=FOLDER; may be given several times, the first answers where none is named',
      (text: string, before: readonly NamedBundle[]) => [...before, parseNamedBundle(text)],
      [],
    )
    .option(
      '--models <folder>',
      'a folder of trained models by name, or by name and version; the newest of each is served',
    )
    .option('--port <n>', 'port to listen on; 0 takes any that is free', wholeNumber, DEFAULT_PORT)
    .option(
      '--host <address>',
      'address to listen on; others can reach it only when this is set',
      '127.0.0.1',
    );
  return addEventOptions(command, { without: false })
    .addOption(precisionOption())
    .option(
      '--threads <n>',
      'processor threads, each with a copy of the model; one a core when left out',
      countingNumber,
    )
    .option('--json', 'print the address as JSON on standard output when it listens')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune serve --model attune-model --port 8080\n  $ attune serve --model shoes=shoes-model --model bags=bags-model',
    )
    .action(async ({ json, events, shoppers, at, ...options }: Options) => {
      const display = createDisplay();
      const { url, name, fields, attributes, models, close } = await serveBundle({
        ...options,
        ...eventOptions({ events, shoppers, at }),
        progress: display.progress,
      }).finally(display.stop);
      if (json) process.stdout.write(`${JSON.stringify({ url, name, fields, attributes, models })}\n`);
      const product = JSON.stringify({
        products: [Object.fromEntries(fields.map((field) => [field, '...']))],
      });
      process.stderr.write(
        `Serving ${models.map((model) => model.name).join(', ')} on ${url} (Ctrl-C stops). Open it in a browser, or try:\n  curl ${url}/v1/products:predict -H 'content-type: application/json' -d '${product.replaceAll("'", "'\\''")}'\n`,
      );
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      process.stderr.write('Closing: finishing what was taken.\n');
      await close();
    });
}
