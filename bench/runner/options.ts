import { parseArgs } from 'node:util';

/** What every benchmark is given. */
export type BenchOptions = {
  /** An interpreter that has torch, transformers, sentence-transformers and scikit-learn; peers are left out without. */
  readonly python: string | undefined;
  /** The folder of the public data sets. */
  readonly data: string;
  /** Options of this benchmark alone, as it declares them in `OPTIONS`, without the dashes. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** Says something to the person who waits; never on stdout. */
  readonly say: (text: string) => void;
};

/** What `bench/NAME.ts` exports beside `run`: option name -> what it is for. */
export type OwnOptions = Readonly<Record<string, string>>;

export const COMMON: OwnOptions = {
  python:
    'interpreter with torch, transformers, sentence-transformers, scikit-learn: its peers run beside ours',
  data: 'folder of the public data sets (default ../shared/data)',
};

/** @throws TypeError naming an option that this benchmark does not have */
export function parseOptions(
  argv: readonly string[],
  own: OwnOptions,
): { readonly options: BenchOptions; readonly json: boolean } {
  const declared = Object.fromEntries(
    [...Object.keys(COMMON), ...Object.keys(own)].map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({
    args: [...argv],
    options: { ...declared, json: { type: 'boolean', default: false } },
    strict: true,
  });
  const { json, python, data = '../shared/data', ...rest } = values as Record<string, unknown>;
  return {
    json: json === true,
    options: {
      python: python as string | undefined,
      data: data as string,
      own: rest as Record<string, string | undefined>,
      say: (text) => process.stderr.write(`${text}\n`),
    },
  };
}
