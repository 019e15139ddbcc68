/**
 * Reading a zod schema as a map: which keys and words does it know at a path? Error messages suggest from these.
 */
import type { z } from 'zod';

export type Path = readonly (string | number)[];

/** What messages need of a schema node; zod's own `def` of every kind has some of these. */
type Definition = {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
};

const definition = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;

/** The schemas that may apply at `path`: several where the schema is a union, none where the path leads nowhere. */
function schemasAt(schema: z.ZodType, path: Path): readonly z.ZodType[] {
  const def = definition(schema);
  const inner = def.innerType ?? def.in ?? def.getter?.();
  if (inner !== undefined) return schemasAt(inner, path);
  if (def.options !== undefined) return def.options.flatMap((option) => schemasAt(option, path));
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  const next = def.shape?.[String(key)] ?? def.catchall ?? def.valueType ?? def.element;
  return next === undefined ? [] : schemasAt(next, rest);
}

/** Keys that the schema knows at `path`; empty where any key or none may stand. */
export function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  return [...new Set(schemasAt(schema, path).flatMap((at) => Object.keys(definition(at).shape ?? {})))];
}

/** Words that the schema allows at `path`; empty where it takes any text or another type. */
export function knownWords(schema: z.ZodType, path: Path): readonly string[] {
  const words = schemasAt(schema, path).flatMap((at) => {
    const def = definition(at);
    return [...Object.values(def.entries ?? {}), ...(def.type === 'literal' ? (def.values ?? []) : [])];
  });
  return [...new Set(words.map(String))];
}
