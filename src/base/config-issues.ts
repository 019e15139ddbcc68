/**
 * What zod found wrong, said the way this project says it: which setting, what was expected, what it got, and the
 * likely word where it looks like a typing error.
 */
import type { z } from 'zod';
import { knownKeys, knownWords, type Path } from './config-schema.ts';
import { closest } from './errors.ts';

export type ConfigIssue = {
  readonly path: Path;
  /** An unknown key: its own place in the file is meant, not that of its value. */
  readonly atKey: boolean;
  readonly message: string;
};

type Issue = z.core.$ZodIssue;

/** One issue for each thing wrong in `input`, in the order of the schema. */
export function describeIssues(
  issues: readonly Issue[],
  schema: z.ZodType,
  input: unknown,
): readonly ConfigIssue[] {
  return issues.flatMap((issue) => flatten(issue, [])).flatMap((issue) => describe(issue, schema, input));
}

/** Replaces a failed union by the failure of the branch that was meant: the one that got furthest into the value. */
function flatten(issue: Issue, prefix: Path): readonly Issue[] {
  const path = [...prefix, ...issue.path] as (string | number)[];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path } as Issue];
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => flatten(inner, path)));
  const merit = (branch: readonly Issue[]) => {
    const depth = Math.min(...branch.map((inner) => inner.path.length));
    return depth * 2 + (branch.some((inner) => inner.code === 'invalid_type') ? 0 : 1);
  };
  return branches.reduce((best, branch) => (merit(branch) > merit(best) ? branch : best));
}

function describe(issue: Issue, schema: z.ZodType, input: unknown): readonly ConfigIssue[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `"${written([...path, key])}" is not a known setting.${suggestion(key, known)}`,
    }));
  }
  const got = valueAt(input, path);
  const name = path.length === 0 ? 'The whole' : `"${written(path)}"`;
  const custom = !/^(Invalid|Too |Unrecognized)/.test(issue.message) || issue.code === 'custom';
  const what = custom ? `${name}: ${issue.message}.` : `${name} must be ${expected(issue, schema)}.`;
  const words = candidates(issue, schema);
  const near = typeof got === 'string' && !words.includes(got) ? closest(got, words) : undefined;
  const said = got === undefined ? ' It is missing.' : ` Got ${shown(got)}.`;
  const silent = issue.code === 'custom' && typeof got === 'object';
  return [
    {
      path,
      atKey: false,
      message: `${what}${silent ? '' : said}${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    },
  ];
}

function candidates(issue: Issue, schema: z.ZodType): readonly string[] {
  const given = issue.code === 'custom' ? issue.params?.candidates : undefined;
  return Array.isArray(given) ? given.map(String) : knownWords(schema, issue.path as Path);
}

function expected(issue: Issue, schema: z.ZodType): string {
  const words = knownWords(schema, issue.path as Path);
  const keys = knownKeys(schema, issue.path as Path);
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a ${issue.expected}`;
    case 'too_small':
      return `${measured(issue.origin)}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${measured(issue.origin)}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      if (words.length > 0)
        return `one of ${words.join(', ')}${keys.length > 0 ? ', or settings of its own' : ''}`;
      return issue.message.replace(/^Invalid \w+:? ?(expected )?/, '') || 'of another form';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings (`name: value`)',
  record: 'settings (`name: value`)',
};

function measured(origin: string): string {
  if (origin === 'string') return 'a text whose length is ';
  if (origin === 'array' || origin === 'set') return 'a list whose length is ';
  return '';
}

function suggestion(key: string, known: readonly string[]): string {
  const near = closest(key, known);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  return known.length === 0 ? '' : ` Known here: ${known.join(', ')}.`;
}

/** `attributes.color.kind`; a part that would not read back (a space, a dot) is quoted. */
export function written(path: Path): string {
  return path.map((part) => (/^[\w-]+$/.test(String(part)) ? String(part) : JSON.stringify(part))).join('.');
}

export function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[String(key)];
  }
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
