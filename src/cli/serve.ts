import { Command, Option } from 'commander';
import {
  DEFAULT_PORT,
  LOG_LEVELS,
  type LogLevel,
  type NamedBundle,
  type Precision,
  parseNamedBundle,
  serveBundle,
} from '../attune.ts';
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
  readonly store?: string;
  readonly embeddings?: string;
  readonly base?: string;
  readonly redis?: string;
  readonly workspace?: string;
  readonly maxUpload?: number;
  readonly cors: readonly string[];
  readonly withoutKeys?: boolean;
  readonly trustProxy: readonly string[];
  readonly callsPerMinute?: number;
  readonly keepPictures?: number;
  readonly cache?: number;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
};

const MEGABYTE = 1024 * 1024;

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
      'address to listen on; others reach it only when this is set, and need a key',
      '127.0.0.1',
    );
  return addEventOptions(command, { without: false })
    .addOption(precisionOption())
    .option(
      '--threads <n>',
      'processor threads, each with a copy of the model, and one copy over all of them for what is asked alone; one a core when left out',
      countingNumber,
    )
    .option(
      '--store <place>',
      'folder or PostgreSQL address: keys, answers and corrections are kept there; DATABASE_URL when left out',
    )
    .option(
      '--embeddings <folder>',
      'a text encoder, as a Hugging Face folder or a trained model, that answers /v1/embeddings',
    )
    .option(
      '--base <model>',
      'the text checkpoint that every model was trained from with model.adapter: it is in memory once a thread for all of them',
    )
    .option(
      '--workspace <folder>',
      'folder in which files are sent to the service and models are trained, on the page too',
    )
    .option(
      '--max-upload <megabytes>',
      'the most that a file may have that is sent; 2048 when left out',
      countingNumber,
    )
    .option('--redis <address>', 'Redis in which several services share answers; REDIS_URL when left out')
    .option(
      '--cors <origin>',
      'origin whose pages may call, such as https://shop.example; may be given several times',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      '--trust-proxy <address>',
      'address or network of a reverse proxy whose X-Forwarded-For says who calls, such as 10.0.0.0/8, or loopback; may be given several times',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--without-keys', 'listen for others though no key is set: everyone may do everything')
    .option(
      '--keep-pictures <n>',
      'the most small copies of pictures in the store, for people to look at; 50000 when left out, 0 keeps none',
      wholeNumber,
    )
    .option(
      '--cache <megabytes>',
      'memory for answers that were given; 256 when left out, 0 keeps none',
      wholeNumber,
    )
    .option('--calls-per-minute <n>', 'calls of one key a minute; any number when left out', countingNumber)
    .addOption(
      new Option('--log-level <level>', 'what is logged, as lines of JSON on standard error')
        .choices([...LOG_LEVELS])
        .default('info'),
    )
    .option('--json', 'print the address as JSON on standard output when it listens')
    .addHelpText(
      'after',
      '\nExample:\n  $ attune serve --model attune-model --port 8080\n  $ attune serve --model shoes=shoes-model --model bags=bags-model',
    )
    .action(async (given: Options) => {
      const stopped = onceStopped();
      const {
        json,
        events,
        shoppers,
        at,
        cors,
        callsPerMinute,
        keepPictures,
        cache,
        logLevel,
        maxUpload,
        ...options
      } = given;
      const display = createDisplay();
      const { url, name, fields, attributes, models, failed, keys, close } = await serveBundle({
        ...options,
        origins: cors,
        ...(maxUpload === undefined ? {} : { maxUploadBytes: maxUpload * MEGABYTE }),
        limits: {
          ...(callsPerMinute === undefined ? {} : { maxCallsPerMinute: callsPerMinute }),
          ...(cache === undefined ? {} : { maxCacheBytes: cache * MEGABYTE }),
          ...(keepPictures === undefined ? {} : { maxPictures: keepPictures }),
        },
        log: { level: logLevel, stream: process.stderr },
        ...eventOptions({ events, shoppers, at }),
        progress: display.progress,
      }).finally(display.stop);
      if (json) process.stdout.write(`${JSON.stringify({ url, name, fields, attributes, models })}\n`);
      process.stderr.write(
        fields.length === 0
          ? `Serving no model yet on ${url} (Ctrl-C stops). Open it in a browser and train one.\n`
          : servingLines(url, models, fields),
      );
      for (const { name: model, version, problem } of failed)
        process.stderr.write(`Not served: version ${version} of ${model} does not open. ${problem}\n`);
      if (!keys)
        process.stderr.write(
          options.withoutKeys
            ? 'No key is set: everyone who reaches it may do everything.\n'
            : 'No key is set: only this machine is answered. `attune keys create` makes keys.\n',
        );
      await stopped;
      await close();
    });
}

/** Also while it starts, after which it closes then; a second signal ends the process at once. */
function onceStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      process.stderr.write('Closing: finishing what was taken. Ctrl-C again ends at once.\n');
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

function servingLines(
  url: string,
  models: readonly { readonly name: string }[],
  fields: readonly string[],
): string {
  const product = JSON.stringify({ products: [Object.fromEntries(fields.map((field) => [field, '...']))] });
  const names = models.map(({ name }) => name).join(', ');
  return `Serving ${names} on ${url} (Ctrl-C stops). Open it in a browser, or try:\n  curl ${url}/v1/products:predict -H 'content-type: application/json' -d '${product.replaceAll("'", "'\\''")}'\n`;
}
