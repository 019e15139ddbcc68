import { type Command, Option } from 'commander';

/** As commander gives them; `--no-events` makes `events` false. */
export type EventFlags = {
  readonly events?: readonly string[] | boolean | undefined;
  readonly shoppers?: readonly string[] | undefined;
  readonly at?: string | undefined;
};

const WITHOUT = 'predict without what shoppers did, as of a product that nobody has seen yet';

/** `--events`, `--shoppers`, `--at`, for a model with an input of kind behaviour. @param without - whether a log is read unless it is refused */
export function addEventOptions(command: Command, { without }: { readonly without: boolean }): Command {
  const which = without
    ? 'in place of those of the training run; their end is the time of the prediction'
    : 'read once at the start; products are found in them by their ids';
  command.addOption(new Option('--events <file>', `event log, ${which}; repeatable`).argParser(severalFiles));
  if (without) command.addOption(new Option('--no-events', WITHOUT));
  return command
    .addOption(
      new Option(
        '--shoppers <file>',
        'shopper profiles, in place of those of the training run; repeatable',
      ).argParser(severalFiles),
    )
    .addOption(
      new Option('--at <time>', 'date or time of the prediction: what happened at it or later is not read'),
    );
}

/** Of an option that may be given several times. */
export function severalFiles(file: string, before: unknown): readonly string[] {
  return Array.isArray(before) ? [...(before as readonly string[]), file] : [file];
}

/** For the options of a command's work; without the flags. */
export function eventOptions({ events, shoppers, at }: EventFlags) {
  return {
    behaviour: {
      // Without a flag, commander says true where there is a `--no-` form.
      ...(events === undefined || events === true ? {} : { events }),
      ...(shoppers === undefined ? {} : { shoppers }),
      ...(at === undefined ? {} : { at }),
    },
  };
}
