/**
 * From the text of a config file, or `--set name=value`, to checked settings; what is wrong is said with its line.
 *
 * Works for any strict zod schema: the composition root merges those of the folders into one.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type ConfigIssue, describeIssues, valueAt, written } from './config-issues.ts';
import { knownKeys, type Path } from './config-schema.ts';
import { AttuneError, closest } from './errors.ts';

export const CONFIG_ERRORS = {
  'config/invalid': 'A config file or a --set option is not what its schema allows.',
} as const;
export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

/** Where something stands; lines and columns count from 1. */
type Place = { readonly line: number; readonly column: number };

/**
 * Reads a YAML config.
 * @param schema - strict, so that unknown keys are errors
 * @param fileName - only named in messages; nothing is opened
 * @returns the settings with every default filled in
 * @throws config/invalid naming file, line, column, setting, what was expected and the likely word; `details.issues`
 *   holds them all
 */
export function parseYamlConfig<S extends z.ZodType>(text: string, schema: S, fileName: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw invalid([
      {
        where: `${fileName}:${line}:${col}`,
        line,
        column: col,
        path: '',
        message: broken.message.replace(/\.?$/, '.'),
      },
    ]);
  }
  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (cause) {
    const message = `The YAML cannot be resolved: ${cause instanceof Error ? cause.message : String(cause)}.`;
    throw invalid([{ where: `${fileName}:1:1`, line: 1, column: 1, path: '', message }]);
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const found = describeIssues(result.error.issues, schema, raw).map((issue) => {
    const place = placeOf(document, lines, issue);
    const where = `${fileName}:${place.line}:${place.column}`;
    return { where, ...place, path: written(issue.path), message: issue.message };
  });
  throw invalid(found.sort((a, b) => a.line - b.line || a.column - b.column));
}

/** Checks settings that come from elsewhere than a file (a library call, a saved run); `origin` is named instead. */
export function checkConfig<S extends z.ZodType>(raw: unknown, schema: S, origin: string): z.output<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw invalid(
    describeIssues(result.error.issues, schema, raw).map((issue) => ({
      where: origin,
      path: written(issue.path),
      message: issue.message,
    })),
  );
}

/**
 * Applies `--set training.epochs=5` options, in order. A value is read as YAML (`5`, `true`, `[a, b]`, `{kind: text}`;
 * quotes keep `"5"` a text); a part of the name that has a dot or space in it is quoted: `attributes."Sleeve
 * length"=choice`.
 * @param schema - one whose output parses again to itself
 * @returns new settings, checked; `config` itself is left as it was
 * @throws config/invalid naming the option
 */
export function applySettings<S extends z.ZodType>(
  config: unknown,
  settings: readonly string[],
  schema: S,
): z.output<S> {
  let result = checkConfig(config, schema, 'config');
  for (const setting of settings) {
    const { path, value } = parseSetting(setting);
    requireKnown(path, schema, setting);
    // Checked one by one, so that a message names the option that is wrong.
    result = checkConfig(withValue(result, path, value), schema, `--set ${setting}`);
  }
  return result;
}

function parseSetting(setting: string): { path: string[]; value: unknown } {
  const match = /^((?:"[^"]*"|[^"=.\s]+)(?:\.(?:"[^"]*"|[^"=.\s]+))*)\s*=([\s\S]*)$/.exec(setting.trim());
  const where = `--set ${setting}`;
  if (match === null)
    throw invalid([{ where, path: '', message: 'A setting is written name=value, e.g. training.epochs=5.' }]);
  const path = [...match[1]!.matchAll(/"([^"]*)"|([^".]+)/g)].map((part) => part[1] ?? part[2]!);
  try {
    return { path, value: parse(match[2]!) as unknown };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw invalid([{ where, path: written(path), message: `The value is not YAML: ${reason}` }]);
  }
}

/** A name that the schema cannot hold is refused before it is tried, with the name it was probably meant to be. */
function requireKnown(path: Path, schema: z.ZodType, setting: string): void {
  path.forEach((key, depth) => {
    const before = path.slice(0, depth);
    const known = knownKeys(schema, before);
    if (known.length === 0 || known.includes(String(key))) return;
    const near = closest(String(key), known);
    const meant =
      near === undefined
        ? `Known here: ${known.join(', ')}.`
        : `Did you mean "${written([...before, near])}"?`;
    const message = `"${written(path.slice(0, depth + 1))}" is not a known setting. ${meant}`;
    throw invalid([{ where: `--set ${setting}`, path: written(path), message }]);
  });
}

/** A copy of `target` with `value` at `path`; settings on the way that are no mapping (short forms) are replaced. */
function withValue(target: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(target) && /^\d+$/.test(String(key))) {
    const copy = [...target];
    copy[Number(key)] = withValue(copy[Number(key)], rest, value);
    return copy;
  }
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  return { ...base, [key]: withValue(valueAt(base, [key]), rest, value) };
}

/** The place of an issue: the key that is unknown, the value that is wrong, or the mapping where one is missing. */
function placeOf(document: Document, lines: LineCounter, issue: ConfigIssue): Place {
  for (let length = issue.path.length; length >= 0; length--) {
    const path = issue.path.slice(0, length);
    const wantsKey = length > 0 && (issue.atKey || length < issue.path.length);
    const offset = wantsKey
      ? (keyOffset(document, path) ?? valueOffset(document, path))
      : valueOffset(document, path);
    if (offset === undefined) continue;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

function keyOffset(document: Document, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(
    ({ key }) => String(isScalar(key) ? key.value : key) === String(path.at(-1)),
  );
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

function valueOffset(document: Document, path: Path): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

type Found = { readonly where: string; readonly path: string; readonly message: string } & Partial<Place>;

function invalid(found: readonly Found[]): AttuneError<ConfigErrorCode> {
  const [first, ...others] = found.map(({ where, message }) => `${where}: ${message}`);
  return new AttuneError('config/invalid', [first ?? 'The config is not valid.', ...others].join('\n'), {
    hint:
      found.length > 1
        ? `Correct these ${found.length} settings and run again; nothing has been done yet.`
        : 'Correct the setting and run again; nothing has been done yet.',
    details: { issues: found },
  });
}
