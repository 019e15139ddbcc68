/** What each column of a file is to a model, as a config says it, and that config changed. */
export type Settings = Readonly<Record<string, unknown>>;

/** The sections of a config that name columns. */
export type ColumnConfig = {
  readonly data: Settings;
  readonly inputs: Settings;
  readonly attributes: Settings;
};

/** What a column may be, in words, in groups. */
export const ROLE_GROUPS: readonly (readonly [group: string, roles: readonly (readonly [Role, string])[]])[] =
  [
    ['Not used', [['none', 'left out']]],
    [
      'Read by the model',
      [
        ['input:text', 'read as text'],
        ['input:number', 'read as number'],
        ['input:category', 'read as category'],
        ['input:date', 'read as date'],
        ['input:image', 'read as pictures'],
        ['input:audio', 'read as sounds'],
      ],
    ],
    [
      'Predicted',
      [
        ['attribute:choice', 'predict one value'],
        ['attribute:multi', 'predict several values'],
        ['attribute:number', 'predict a number'],
        ['attribute:extract', 'predict words of the text'],
        ['attribute:generate', 'write a text'],
      ],
    ],
    [
      'About the product',
      [
        ['data:id', 'product id'],
        ['data:group', 'parent of variants'],
        ['data:category', 'category, as context'],
        ['data:time', 'time'],
        ['split', 'says train, dev or test'],
      ],
    ],
  ];

export type Role =
  | 'none'
  | `input:${'text' | 'number' | 'category' | 'date' | 'image' | 'audio'}`
  | `attribute:${'choice' | 'multi' | 'number' | 'extract' | 'generate'}`
  | `data:${DataKey}`
  | 'split';

const DATA_KEYS = ['id', 'group', 'category', 'time'] as const;
type DataKey = (typeof DATA_KEYS)[number];

export function roleOf(config: ColumnConfig, column: string): Role {
  const input = entriesOf(config.inputs, column)[0];
  if (input !== undefined) return `input:${kindOf(input[1])}` as Role;
  const attribute = entriesOf(config.attributes, column)[0];
  if (attribute !== undefined) return `attribute:${kindOf(attribute[1])}` as Role;
  const key = DATA_KEYS.find((name) => config.data[name] === column);
  if (key !== undefined) return `data:${key}`;
  return splitColumn(config) === column ? 'split' : 'none';
}

/** @param proposed - by whoever looked at the file: what it says of a column in this role is kept, such as a unit */
export function withRole(
  config: ColumnConfig,
  proposed: ColumnConfig,
  column: string,
  role: Role,
): ColumnConfig {
  const { data, inputs, attributes } = without(config, column);
  const [section, kind] = role.split(':') as [string, string | undefined];
  const found = (settings: Settings) =>
    entriesOf(settings, column).find(([, settings]) => kindOf(settings) === kind);
  switch (section) {
    case 'input':
      return { data, attributes, inputs: added(inputs, found(proposed.inputs) ?? [column, { kind }]) };
    case 'attribute':
      return { data, inputs, attributes: added(attributes, found(proposed.attributes) ?? [column, kind]) };
    case 'data':
      return { inputs, attributes, data: { ...data, [kind!]: column } };
    case 'split':
      return { inputs, attributes, data: { ...data, split: { by: 'column', column } } };
    default:
      return { data, inputs, attributes };
  }
}

function without(config: ColumnConfig, column: string): ColumnConfig {
  const kept = (settings: Settings) => {
    const gone = new Set(entriesOf(settings, column).map(([name]) => name));
    return Object.fromEntries(Object.entries(settings).filter(([name]) => !gone.has(name)));
  };
  const isOf = (name: string, value: unknown) =>
    (value === column && (DATA_KEYS as readonly string[]).includes(name)) ||
    (name === 'split' && splitColumn(config) === column);
  return {
    data: Object.fromEntries(Object.entries(config.data).filter(([name, value]) => !isOf(name, value))),
    inputs: kept(config.inputs),
    attributes: kept(config.attributes),
  };
}

const added = (settings: Settings, [name, value]: readonly [string, unknown]): Settings => ({
  ...settings,
  [name]: value,
});

/** Inputs or attributes that are made of a column. */
function entriesOf(settings: Settings, column: string): [string, unknown][] {
  return Object.entries(settings).filter(([name, value]) =>
    [(isSettings(value) ? value.column : undefined) ?? name].flat().includes(column),
  );
}

function kindOf(value: unknown): string {
  return String(isSettings(value) ? value.kind : value);
}

function splitColumn({ data }: ColumnConfig): unknown {
  return isSettings(data.split) ? data.split.column : undefined;
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
