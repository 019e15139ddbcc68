/**
 * `npm run --silent bench -- NAME [--python PATH] [--json] [options of NAME]`; `NAME --help` lists them.
 *
 * Every other file of this folder is one benchmark: it exports `run`, and `OPTIONS` when it has options of its own.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figure } from './runner/figure.ts';
import { type BenchOptions, COMMON, type OwnOptions, parseOptions } from './runner/options.ts';
import { report, table } from './runner/report.ts';

export type Benchmark = {
  run(options: BenchOptions): Promise<readonly Figure[]>;
  readonly OPTIONS?: OwnOptions;
};

const names = readdirSync(fileURLToPath(new URL('.', import.meta.url)))
  .filter((file) => file.endsWith('.js') && file !== 'main.js')
  .map((file) => file.slice(0, -'.js'.length));

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  const asked = name === undefined || name === '--help' ? '' : `There is no benchmark "${name}".\n`;
  process.stderr.write(
    `${asked}npm run --silent bench -- NAME [--python PATH] [--json]\nBenchmarks: ${names.join(', ')}\n`,
  );
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  const benchmark = (await import(new URL(`./${name}.js`, import.meta.url).href)) as Benchmark;
  await start(name, benchmark, rest);
}

async function start(bench: string, benchmark: Benchmark, argv: readonly string[]): Promise<void> {
  const own = benchmark.OPTIONS ?? {};
  const known = Object.entries({ ...COMMON, ...own, json: 'one JSON object as the last line' });
  const help = `Options of ${bench}:\n${known.map(([key, what]) => `  --${key}  ${what}\n`).join('')}`;
  if (argv.includes('--help')) {
    process.stdout.write(help);
    return;
  }
  let parsed: ReturnType<typeof parseOptions>;
  try {
    parsed = parseOptions(argv, own);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${help}`);
    process.exitCode = 2;
    return;
  }
  const result = report(bench, await benchmark.run(parsed.options));
  console.log(parsed.json ? JSON.stringify(result) : table(result));
}
