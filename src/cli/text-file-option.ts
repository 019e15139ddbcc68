import { InvalidArgumentError, Option } from 'commander';

/** `--text-file reviews=new-reviews.csv`, as often as there are such inputs. */
export function textFileOption(): Option {
  return new Option(
    '--text-file <input=file>',
    'file of a text input that stands in a file of its own (inputs.NAME.path), where it is not the one of training',
  ).argParser((text: string, before: Readonly<Record<string, string>> | undefined) => {
    const at = text.indexOf('=');
    if (at <= 0 || at === text.length - 1)
      throw new InvalidArgumentError('Write the input, = and the file: reviews=new-reviews.csv');
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  });
}
