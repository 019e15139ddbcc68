import { Command } from 'commander';
import {
  DEFAULT_GROUP,
  DEFAULT_STREAM,
  deadLetters,
  type Precision,
  reviveLetters,
  runWorker,
  sendChanges,
} from '../attune.ts';
import { precisionOption } from './precision-option.ts';
import { createDisplay } from './progress.ts';
import { STORE_OPTION } from './store-option.ts';
import { countingNumber, wholeNumber } from './whole-number.ts';

type Options = {
  readonly model?: string;
  readonly store?: string;
  readonly nats?: string;
  readonly stream: string;
  readonly group: string;
  readonly threads?: number;
  readonly precision: Precision;
  readonly batchTokens?: number;
  readonly attempts?: number;
  readonly keepPictures?: number;
  readonly ackWait?: number;
  readonly once?: boolean;
  readonly results?: boolean;
  readonly send?: boolean;
  readonly dead?: boolean;
  readonly requeue?: true | readonly string[];
  readonly json?: boolean;
};

export function workerCommand(): Command {
  return new Command('worker')
    .description(
      'Takes changes of products from a stream, predicts, stores and publishes; and parts of files that `predict --distributed` shares out.',
    )
    .argument('[files...]', 'products to put into the stream first: CSV, TSV, JSONL or Parquet')
    .option('--model <folder>', 'folder of the trained model')
    .option(...STORE_OPTION)
    .option(
      '--nats <address>',
      'nats://host:port of a NATS with JetStream, several with commas; without it the queue is in this process',
    )
    .option(
      '--stream <name>',
      'what the streams begin with: NAME-changes (subject NAME.changes), NAME-predictions',
      DEFAULT_STREAM,
    )
    .option(
      '--group <name>',
      'workers of one group share the changes; each group gets them all',
      DEFAULT_GROUP,
    )
    .option(
      '--threads <n>',
      'processor threads, each with a copy of the model; one a core when left out',
      countingNumber,
    )
    .addOption(precisionOption())
    .option('--batch-tokens <n>', 'tokens that the model reads in one go; 4096 when left out', countingNumber)
    .option(
      '--attempts <n>',
      'how often a change may fail before it is set aside; 5 when left out',
      countingNumber,
    )
    .option(
      '--keep-pictures <n>',
      'the most small copies of pictures in the store, for people to look at; 50000 when left out, 0 keeps none',
      wholeNumber,
    )
    .option(
      '--ack-wait <seconds>',
      'a change whose worker is not heard of for so long goes to another; 30 when left out; the first worker of a group decides',
      countingNumber,
    )
    .option('--once', 'end when nothing waits any more, as without --nats')
    .option('--results', 'without --nats: print each result as a line of JSON on standard output')
    .option('--send', 'only put the files into the stream, and end')
    .option('--dead', 'list the changes that were set aside, each with its reason, and end')
    .option(
      '--requeue [numbers...]',
      'put back those that were set aside, all or those with these numbers, and end; one that a newer change has overtaken has no effect',
    )
    .option('--json', 'print a summary, or what was set aside, as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ attune worker --model attune-model products.csv\n  $ attune worker --model attune-model --nats nats://queue:4222 --store postgres://me@db/shop\n  $ attune worker --dead --nats nats://queue:4222\n  $ attune worker --nats nats://queue:4222 --requeue 17 18',
    )
    .action(async (files: string[], options: Options, command: Command) => {
      const need = <T>(value: T | undefined, flag: string): T =>
        value ?? command.error(`error: required option '${flag}' not specified`);
      const { nats, stream, group, json = false } = options;
      if (options.dead || options.requeue || options.send) {
        const queue = { nats: need(nats, '--nats <address>'), stream, group };
        if (options.dead) return printDead(await deadLetters(queue), json);
        if (options.requeue) {
          const numbers = options.requeue === true ? {} : { numbers: options.requeue.map(countingNumber) };
          process.stderr.write(`${await reviveLetters({ ...queue, ...numbers })} changes put back.\n`);
          return;
        }
        const model = need(options.model, '--model <folder>');
        const display = createDisplay();
        const sent = await sendChanges({ ...queue, model, files, progress: display.progress }).finally(
          display.stop,
        );
        process.stderr.write(`${sent} products sent.\n`);
        return;
      }
      await work(files, { ...options, model: need(options.model, '--model <folder>') });
    });
}

async function work(
  files: readonly string[],
  { ackWait, keepPictures, results, json, ...options }: Options & { readonly model: string },
): Promise<void> {
  const display = createDisplay();
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    process.stderr.write('Closing: finishing what was taken. Once more ends at once; others take it over.\n');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const { model, store, nats, stream, group, threads, precision, batchTokens, attempts, once } = options;
    const { predicted, removed, overtaken, buried, parts, sent } = await runWorker({
      model,
      stream,
      group,
      precision,
      files,
      ...(store === undefined ? {} : { store }),
      ...(nats === undefined ? {} : { nats }),
      ...(threads === undefined ? {} : { threads }),
      ...(batchTokens === undefined ? {} : { batchTokens }),
      ...(attempts === undefined ? {} : { attempts }),
      ...(once === undefined ? {} : { once }),
      ...(keepPictures === undefined ? {} : { maxPictures: keepPictures }),
      ...(ackWait === undefined ? {} : { ackWaitMs: 1000 * ackWait }),
      ...(results ? { onResult: (line: string) => void process.stdout.write(`${line}\n`) } : {}),
      signal: stop.signal,
      progress: display.progress,
      onReady: () => process.stderr.write(`Working with ${model}.\n`),
    });
    display.stop();
    if (json)
      process.stdout.write(`${JSON.stringify({ sent, predicted, removed, overtaken, buried, parts })}\n`);
    process.stderr.write(
      `${predicted} products predicted, ${removed} removed, ${overtaken} changes overtaken by newer ones, ${buried} set aside${parts > 0 ? `; ${parts} parts of files predicted` : ''}.\n`,
    );
  } finally {
    display.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function printDead(letters: Awaited<ReturnType<typeof deadLetters>>, json: boolean): void {
  for (const { number, code, reason, deliveries, at, data } of letters) {
    const change = Buffer.from(data).toString();
    process.stdout.write(
      json
        ? `${JSON.stringify({ number, code, reason, deliveries, at, change })}\n`
        : `${number}  ${at.toISOString()}  taken ${deliveries} times  [${code}] ${reason}\n    ${change.slice(0, 200)}\n`,
    );
  }
  process.stderr.write(`${letters.length} changes are set aside.\n`);
}
