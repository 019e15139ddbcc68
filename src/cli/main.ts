#!/usr/bin/env node
/** The command line: one file a command; this one gathers them and turns errors into messages and exit codes. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../attune.ts';
import { alertsCommand } from './alerts.ts';
import { alignCommand } from './align.ts';
import { backupCommand } from './backup.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { feedbackCommand } from './feedback.ts';
import { inspectCommand } from './inspect.ts';
import { keysCommand } from './keys.ts';
import { monitorCommand } from './monitor.ts';
import { predictCommand } from './predict.ts';
import { pretrainCommand } from './pretrain.ts';
import { publishCommand } from './publish.ts';
import { reportError } from './report-error.ts';
import { restoreCommand } from './restore.ts';
import { retrainCommand } from './retrain.ts';
import { reviewersCommand } from './reviewers.ts';
import { serveCommand } from './serve.ts';
import { storeCommand } from './store.ts';
import { trainCommand } from './train.ts';
import { workerCommand } from './worker.ts';

const program = new Command('attune')
  .description(
    "Trains models of text, pictures, sounds and numbers on a merchant's own catalog and predicts the attributes of every product.",
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(inspectCommand())
  .addCommand(pretrainCommand())
  .addCommand(alignCommand())
  .addCommand(trainCommand())
  .addCommand(evaluateCommand())
  .addCommand(predictCommand())
  .addCommand(exportCommand())
  .addCommand(serveCommand())
  .addCommand(keysCommand())
  .addCommand(workerCommand())
  .addCommand(monitorCommand())
  .addCommand(alertsCommand())
  .addCommand(reviewersCommand())
  .addCommand(feedbackCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(storeCommand())
  .addCommand(retrainCommand())
  .addCommand(publishCommand());

// A command takes over none of this by itself.
for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
  command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = reportError(error);
}
