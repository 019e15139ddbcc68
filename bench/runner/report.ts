/** What a benchmark prints: a table for people, one JSON object for machines. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Figure } from './figure.ts';

export type Report = {
  readonly bench: string;
  readonly machine: string;
  readonly commit: string;
  readonly figures: readonly Figure[];
};

export function report(bench: string, figures: readonly Figure[]): Report {
  return { bench, machine: machine(), commit: commit(), figures };
}

/** Processor, cores, memory and Node, in words. */
function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} cores, ${gigabytes} GB, Node ${process.versions.node}`;
}

/** The commit of the working tree, with `+` when it has changes; `unknown` outside a repository. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return git('rev-parse', '--short', 'HEAD').trim() + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

const COLUMNS = ['work', 'value', 'unit', 'peer', "peer's", 'ratio'] as const;

export function table({ bench, machine, commit, figures }: Report): string {
  const rows = figures.map((f) => [
    f.name,
    number(f.value),
    f.unit,
    f.peer ?? '',
    f.peerValue === undefined ? '' : number(f.peerValue),
    f.ratio === undefined ? '' : `${f.ratio.toFixed(2)}x`,
  ]);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const isNumber = (i: number) => i === 1 || i >= 4;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [`${bench} at ${commit} on ${machine}`, '', line(COLUMNS), rule, ...rows.map(line)].join('\n');
}

/** Four significant digits at least, no exponent. */
function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 6));
}
