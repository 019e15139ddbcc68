/** Sums up rows as they stream by, field by field, whole and by slice. */
import { hashString } from '../../base/random.ts';
import { heavyValues } from '../../features/numbers/heavy-values.ts';
import { monitoringError } from '../errors.ts';
import type { FieldDefinition, FieldSummary, Observation, Observed } from './field.ts';
import { Reservoir } from './reservoir.ts';
import { packVectors } from './vector-sample.ts';
import { unit, WORD_VECTOR_WIDTH, wordVector } from './word-vector.ts';

export const SUMMARY_FORMAT = 1;

export type Summary = {
  readonly format: typeof SUMMARY_FORMAT;
  readonly rows: number;
  readonly fields: Readonly<Record<string, FieldSummary>>;
  /** Slice (such as supplier) -> value -> the rows that have it. */
  readonly slices: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
};

/** How many numbers and lengths, and how many vectors, are kept of a field. */
type Sizes = { readonly numbers: number; readonly vectors: number };
const WHOLE: Sizes = { numbers: 2000, vectors: 500 };
const SLICE: Sizes = { numbers: 500, vectors: 150 };
/** Rows that are kept as examples of a field's values, and of where it is missing. */
const EXAMPLES = 500;
const ABSENT = 20;
/** Values of a field that are counted by themselves, at least. */
const COUNTED = 500;

export type SummariserOptions = {
  readonly fields: readonly FieldDefinition[];
  /** Slice -> its field, and the values that are summed up by themselves. */
  readonly slices?: Readonly<Record<string, readonly string[]>>;
  readonly seed: number;
};

/** Owns counts and samples; memory is bounded by the fields and slices, not by the rows. */
export class Summariser {
  readonly #fields: readonly FieldDefinition[];
  readonly #summaries: readonly FieldSummariser[];
  readonly #slices: ReadonlyMap<string, ReadonlyMap<string, Summariser>>;
  #rows = 0;

  constructor({ fields, slices = {}, seed }: SummariserOptions, sizes: Sizes = WHOLE) {
    this.#fields = fields;
    this.#summaries = fields.map((field) => summariserOf(field, sizes, seed));
    this.#slices = new Map(
      Object.entries(slices).map(([name, values]) => [
        name,
        new Map(
          values.map((value) => [
            value,
            new Summariser({ fields: fields.filter((field) => field.name !== name), seed }, SLICE),
          ]),
        ),
      ]),
    );
  }

  add(row: Observation): void {
    this.#rows++;
    for (const [i, { name }] of this.#fields.entries()) this.#summaries[i]!.add(row.id, row.fields[name]);
    for (const [name, values] of this.#slices) {
      const value = row.fields[name];
      if (typeof value === 'string') values.get(value)?.add(row);
    }
  }

  summary(): Summary {
    return {
      format: SUMMARY_FORMAT,
      rows: this.#rows,
      fields: Object.fromEntries(this.#fields.map(({ name }, i) => [name, this.#summaries[i]!.summary()])),
      slices: Object.fromEntries(
        [...this.#slices].map(([name, values]) => [
          name,
          Object.fromEntries([...values].map(([value, slice]) => [value, slice.summary()])),
        ]),
      ),
    };
  }
}

/**
 * A summary as it was written.
 * @param where - the file, for the message
 * @throws monitoring/reference-invalid
 */
export function parseSummary(data: unknown, where: string): Summary {
  const { format, fields, slices } = (data ?? {}) as Partial<Summary>;
  const why =
    format !== SUMMARY_FORMAT
      ? `its format is ${String(format)}, and this Attune reads ${SUMMARY_FORMAT}`
      : typeof fields !== 'object' || typeof slices !== 'object'
        ? 'it has no fields'
        : undefined;
  if (why === undefined) return data as Summary;
  throw monitoringError('monitoring/reference-invalid', `${where} is no summary to compare with: ${why}.`, {
    hint: 'Train the model again, or compare with a file of products (`--reference`).',
  });
}

type FieldSummariser = {
  readonly add: (id: string, value: Observed) => void;
  readonly summary: () => FieldSummary;
};

function summariserOf(
  { name, kind, modality }: FieldDefinition,
  { numbers, vectors: most }: Sizes,
  seed: number,
): FieldSummariser {
  const key = hashString(name);
  const counts = { rows: 0, missing: 0 };
  const shared = () => ({ modality, ...counts, absent: missing.sample().ids });
  const noted = (add: (id: string, value: Exclude<Observed, undefined>) => void) => {
    return (id: string, value: Observed) => {
      counts.rows++;
      if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
        counts.missing++;
        missing.add(id, () => undefined);
      } else add(id, value);
    };
  };
  const missing = new Reservoir<undefined>(ABSENT, seed, key, 0);
  switch (kind) {
    case 'number': {
      const sample = new Reservoir<number>(numbers, seed, key, 1);
      return {
        add: noted((id, value) => sample.add(id, () => Number(value))),
        summary: () => ({ kind, ...shared(), sample: sample.sample() }),
      };
    }
    case 'value':
    case 'values': {
      const heavy = heavyValues(COUNTED);
      const sample = new Reservoir<string>(EXAMPLES, seed, key, 1);
      return {
        add: noted((id, value) => {
          const all = Array.isArray(value) ? [...new Set(value as string[])] : [String(value)];
          for (const each of all) heavy.add(each);
          sample.add(id, () => all.join('\n'));
        }),
        summary: () => ({
          kind,
          ...shared(),
          counts: heavy.counts(),
          error: heavy.error(),
          sample: sample.sample(),
        }),
      };
    }
    case 'text': {
      const lengths = new Reservoir<number>(numbers, seed, key, 1);
      const words = new Reservoir<Float32Array>(most, seed, key, 2);
      return {
        add: noted((id, value) => {
          lengths.add(id, () => String(value).length);
          words.add(id, () => wordVector(String(value)));
        }),
        summary: () => ({
          kind,
          ...shared(),
          lengths: lengths.sample(),
          words: packVectors(words.sample(), WORD_VECTOR_WIDTH),
        }),
      };
    }
    case 'vector': {
      const vectors = new Reservoir<Float32Array>(most, seed, key, 1);
      let width = 0;
      return {
        add: noted((id, value) => {
          width = (value as Float32Array).length;
          vectors.add(id, () => unit(value as Float32Array));
        }),
        summary: () => ({ kind, ...shared(), vectors: packVectors(vectors.sample(), width) }),
      };
    }
    case 'presence':
      return {
        add: noted(() => {}),
        summary: () => ({ kind, ...shared() }),
      };
  }
}
