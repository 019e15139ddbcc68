/** What zod found wrong in a request, in sentences a caller can act on. */
import type { z } from 'zod';
import { knownKeys } from '../base/config-schema.ts';
import { AttuneError, closest } from '../base/errors.ts';
import type { RequestErrorCode } from './errors.ts';
import type { Fault } from './problem.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** Faults that one answer lists; a thousand wrong products are wrong the same way. */
const MAX_FAULTS = 20;

/**
 * @param model - named where a field of a product is unknown
 * @param at - what the value is, at the start of a sentence: `The body`, `The product`
 */
export function invalidRequest(
  issues: readonly Issue[],
  schema: z.ZodType,
  value: unknown,
  { model, at }: { readonly model?: string; readonly at: string },
): AttuneError<RequestErrorCode> {
  const found = issues.slice(0, MAX_FAULTS).flatMap((issue) => describe(issue, schema, value, model, at));
  const [first] = found;
  const more = issues.length > 1 ? ` ${issues.length - 1} more like it: see \`errors\`.` : '';
  return new AttuneError(
    first?.code ?? 'serving/invalid-request',
    `${first?.fault.detail ?? `${at} is not valid.`}${more}`,
    {
      hint: first?.hint ?? 'GET /openapi.json describes the call; /docs lets you try it.',
      details: { errors: found.slice(0, MAX_FAULTS).map(({ fault }) => fault) },
    },
  );
}

type Described = { readonly code: RequestErrorCode; readonly fault: Fault; readonly hint?: string };

function describe(
  issue: Issue,
  schema: z.ZodType,
  value: unknown,
  model: string | undefined,
  at: string,
): readonly Described[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => ({
      code: 'serving/unknown-field',
      fault: { pointer: pointer([...path, key]), detail: unknownField(key, path, known, model, at) },
      ...(model === undefined ? {} : { hint: 'GET /v1/models lists the fields that each model reads.' }),
    }));
  }
  const got = valueAt(value, path);
  const name = path.length === 0 ? at : `"${written(path)}"`;
  if (issue.code === 'too_big' && path.length === 1 && path[0] === 'products') {
    const count = Array.isArray(got) ? got.length : 'more';
    return [
      {
        code: 'serving/too-many-products',
        fault: { pointer: pointer(path), detail: `One call takes ${issue.maximum} products. Got ${count}.` },
        hint: 'Send them in several calls, or as a stream: one product a line, content type application/x-ndjson.',
      },
    ];
  }
  const detail =
    issue.code === 'custom'
      ? `${name} ${issue.message}.`
      : `${name} must be ${expected(issue)}. ${got === undefined ? 'It is missing.' : `Got ${shown(got)}.`}`;
  return [{ code: 'serving/invalid-request', fault: { pointer: pointer(path), detail } }];
}

function unknownField(
  key: string,
  path: Path,
  known: readonly string[],
  model: string | undefined,
  at: string,
): string {
  const near = closest(key, known);
  const ofProduct =
    model !== undefined && (path[0] === 'products' || known.includes('texts') || path[0] === 'texts');
  const subject = ofProduct
    ? `"${clipped(written([...path, key]))}" is not a field of the model "${model}".`
    : `${at} has an unknown name, "${clipped(key)}".`;
  const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `${subject}${meant} ${ofProduct ? 'A product has' : 'Known are'}: ${known.join(', ')}.`;
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a ${issue.expected}`;
    case 'invalid_union':
      return 'a text or a whole number';
    case 'too_small':
      return `${MEASURES[issue.origin] ?? ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${MEASURES[issue.origin] ?? ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return 'of another form';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object, {"name": value}',
};

const MEASURES: Readonly<Record<string, string>> = {
  string: 'a text whose length is ',
  array: 'a list whose length is ',
};

/** Short and flat, whatever was sent: a value may be megabytes long or thousands of levels deep. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(clipped(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function clipped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `products[3].title` */
function written(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** A JSON pointer as a URI fragment (RFC 6901). */
function pointer(path: Path): string {
  const parts = path.map((part) =>
    encodeURIComponent(
      String(part)
        .replace(/\p{Surrogate}/gu, '\uFFFD')
        .replaceAll('~', '~0')
        .replaceAll('/', '~1'),
    ),
  );
  return ['#', ...parts].join('/');
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}
