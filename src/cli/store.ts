import { Argument, Command } from 'commander';
import { expireRecords, forgetPerson, type Retention } from '../attune.ts';
import { STORE_OPTION, saidRecords } from './store-option.ts';
import { numberOfDays } from './whole-number.ts';

type Options = { readonly store?: string; readonly json?: boolean };

const KINDS = {
  events: 'events',
  'past-predictions': 'predictionHistory',
  alerts: 'alerts',
  'monitor-reports': 'monitorReports',
  audit: 'audit',
  runs: 'runs',
} as const satisfies Record<string, keyof Retention>;

export function storeCommand(): Command {
  const command = new Command('store').description(
    'Deletes old records, and forgets people who ask to be forgotten.',
  );
  const verb = (name: string, what: string) =>
    command
      .command(name)
      .description(what)
      .option(...STORE_OPTION)
      .option('--json', 'print what was done as JSON on standard output');
  verb(
    'forget',
    'Takes a shopper or a reviewer out of everything: events, answers, values, the queue, the audit log, keys.',
  )
    .argument('<person>', 'a shopper as the events have them, or a reviewer by name')
    .addHelpText('after', '\nExample:\n  $ attune store forget shopper-1234 --store shop-store')
    .action(async (person: string, { json, ...options }: Options) => {
      const result = await forgetPerson({ ...options, person });
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      process.stderr.write(
        `No longer named in ${said(result.forgotten, 'any record')} of ${result.store}. Backups made before still have the name.\n`,
      );
    });
  verb('expire', 'Deletes records of some kinds that are older than so many days.')
    .addArgument(
      new Argument('<kinds...>', 'what to delete; current predictions, values and answers stay').choices(
        Object.keys(KINDS),
      ),
    )
    .requiredOption('--older-than <days>', 'such as 90d', numberOfDays)
    .addHelpText(
      'after',
      '\nExample:\n  $ attune store expire events past-predictions --older-than 90d --store shop-store',
    )
    .action(
      async (
        kinds: readonly (keyof typeof KINDS)[],
        { json, olderThan, ...options }: Options & { readonly olderThan: number },
      ) => {
        const keep = Object.fromEntries(kinds.map((kind) => [KINDS[kind], olderThan]));
        const result = await expireRecords({ ...options, keep });
        if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
        process.stderr.write(`Deleted ${said(result.deleted, 'nothing')} of ${result.store}.\n`);
      },
    );
  return command;
}

function said({ idempotency, ...others }: Readonly<Record<string, number>>, nothing: string): string {
  return saidRecords({ ...others, keptAnswers: idempotency ?? 0 }, nothing);
}
