import { Command, Option } from 'commander';
import { ALERT_STATES, type AlertState, closeAlert, listAlerts } from '../attune.ts';
import { STORE_OPTION } from './store-option.ts';
import { countingNumber } from './whole-number.ts';

type Options = {
  readonly store?: string;
  readonly state?: AlertState;
  readonly limit?: number;
  readonly close?: number;
  readonly json?: boolean;
};

export function alertsCommand(): Command {
  return new Command('alerts')
    .description('Lists alerts that `attune monitor --store` raised, the latest first.')
    .option(...STORE_OPTION)
    .addOption(new Option('--state <state>', 'only those in this state').choices([...ALERT_STATES]))
    .option('--limit <n>', 'list at most so many; 100 when left out', countingNumber)
    .option('--close <id>', 'close this one, and list nothing', countingNumber)
    .option('--json', 'print JSON on standard output')
    .addHelpText('after', '\nExample:\n  $ attune alerts --store shop-store --state open')
    .action(async ({ close, json, ...options }: Options) => {
      const where = options.store === undefined ? {} : { store: options.store };
      if (close !== undefined) {
        const closed = await closeAlert({ ...where, id: close });
        if (json) process.stdout.write(`${JSON.stringify(closed)}\n`);
        process.stderr.write(`The alert ${closed.id} is closed: ${closed.title}\n`);
        return;
      }
      const alerts = await listAlerts(options);
      if (json) process.stdout.write(`${JSON.stringify({ alerts })}\n`);
      else
        for (const { id, at, severity, state, title } of alerts)
          process.stdout.write(
            `${String(id).padStart(5)}  ${at.toISOString().slice(0, 16)}  ${severity.padEnd(8)}  ${state.padEnd(12)}  ${title}\n`,
          );
    });
}
