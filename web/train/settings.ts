/** Settings as lines, `training.patience=5`, as `--set` takes them. */
import type { Settings } from './roles.ts';

/** The settings with those of the lines in them. @throws Error that names the line which says nothing */
export function settingsIn(text: string, among: Settings): Settings {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.reduce((settings, line) => {
    const found = /^\s*([\w-]+(?:\.[\w-]+)+)\s*=\s*(.*\S)\s*$/.exec(line);
    if (found === null)
      throw new Error(`"${line.trim()}" is no setting. Write one a line: training.patience=5`);
    return withSetting(settings, found[1]!.split('.'), valueIn(found[2]!));
  }, among);
}

export function withSetting(
  settings: Settings,
  [name, ...rest]: readonly string[],
  value: unknown,
): Settings {
  const before = settings[name!];
  // `color: choice` is short for `color: {kind: choice}`.
  const whole = typeof before === 'string' ? { kind: before } : before;
  const inner = typeof whole === 'object' && whole !== null ? (whole as Settings) : {};
  return { ...settings, [name!]: rest.length === 0 ? value : withSetting(inner, rest, value) };
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every setting of a config by its path, `training.epochs`; lists as they are written. */
export function flattened(settings: Settings, before = ''): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    const path = before === '' ? name : `${before}.${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, text] of flattened(value as Settings, path)) found.set(inner, text);
    else if (value !== undefined) found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return found;
}

export type Difference = { readonly path: string; readonly values: readonly (string | undefined)[] };

/** Settings that are not the same in all configs, in the order in which they are first met. */
export function differences(configs: readonly Settings[]): readonly Difference[] {
  const all = configs.map((config) => flattened(config));
  const paths = new Set(all.flatMap((settings) => [...settings.keys()]));
  return [...paths]
    .map((path) => ({ path, values: all.map((settings) => settings.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1);
}
