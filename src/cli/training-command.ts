/** What the commands that train have in common: where the data and the config are, where to write, how to go on. */
import { Command, Option } from 'commander';
import { loadConfig } from '../attune.ts';
import { onInterrupt } from './interrupt.ts';
import { createDisplay, type Display } from './progress.ts';
import { EXIT } from './report-error.ts';

export type TrainingOptions = {
  readonly config?: string;
  readonly set: string[];
  readonly out: string;
  readonly resume?: boolean;
  readonly anew?: boolean;
  readonly json?: boolean;
};

export type TrainingWords = {
  readonly name: string;
  readonly description: string;
  /** A setting, for the help. */
  readonly setting: string;
  /** What `--out` is, and what it is called when left out. */
  readonly out: readonly [what: string, folder: string];
  readonly examples: readonly string[];
};

const collect = (value: string, earlier: string[]) => [...earlier, value];

export function trainingCommand({ name, description, setting, out, examples }: TrainingWords): Command {
  return new Command(name)
    .description(description)
    .argument('[files...]', 'data files; what the config does not say is inferred from them')
    .option('-c, --config <file>', 'config file (attune.yaml when it is there and no data file is named)')
    .option('--set <path=value>', `sets one config value, e.g. ${setting}; may be repeated`, collect, [])
    .option('--out <folder>', ...out)
    .option('--resume', 'go on with a run that was stopped or killed')
    .addOption(anewOption())
    .option('--json', 'print the results as JSON on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

export function configOf(files: readonly string[], options: TrainingOptions, display: Display) {
  return loadConfig({
    files: [...files],
    settings: options.set,
    progress: display.progress,
    ...(options.config ? { configFile: options.config } : {}),
  });
}

/** What every recipe is asked for. */
type Shared = {
  readonly config: Awaited<ReturnType<typeof configOf>>['config'];
  readonly out: string;
  readonly resume: boolean;
  readonly anew: boolean;
  readonly progress: Display['progress'];
  readonly command: string;
  stopRequested(): boolean;
};

type Say = (text: string) => void;

/**
 * Runs the recipe of a command, with its display and Ctrl-C, and says how to go on where it was stopped.
 * @param finished - told of what came of it, when it ended
 */
export async function runRecipe<R extends { readonly finished: boolean }>(
  name: string,
  files: readonly string[],
  options: TrainingOptions,
  recipe: (shared: Shared, say: Say) => Promise<R>,
  finished: (result: R, say: Say) => void,
): Promise<void> {
  const display = createDisplay();
  const interrupt = onInterrupt();
  const say = (text: string) => display.progress({ kind: 'message', text });
  try {
    const { config } = await configOf(files, options, display);
    const words = commandWords();
    const result = await recipe(
      {
        config,
        out: options.out,
        resume: options.resume ?? false,
        anew: options.anew ?? false,
        progress: display.progress,
        command: `attune ${name} ${words.join(' ')}`,
        stopRequested: interrupt.stopRequested,
      },
      say,
    );
    display.stop();
    if (result.finished) return finished(result, say);
    say(`Stopped and saved. Go on with: attune ${name} ${[...words, '--resume'].join(' ')}`);
    process.exitCode = EXIT.error;
  } finally {
    display.stop();
    interrupt.release();
  }
}

export function anewOption(): Option {
  return new Option('--anew', 'drop what a run that was stopped or killed has saved').conflicts('resume');
}

/** The words of this command, without how it begins: a resumed run ends as the same command would have without a stop. */
export function commandWords(): readonly string[] {
  return process.argv.slice(3).filter((word) => word !== '--resume' && word !== '--anew');
}

/** A folder as a config names one, which would be a name on the hub otherwise. */
export const asFolder = (folder: string) => (/^[./]/.test(folder) ? folder : `./${folder}`);
