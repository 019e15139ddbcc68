/** What a person should know of the inputs before a training: cells that cannot be read, and inputs that give an answer away. */
import type { InputConfig } from '../catalog/config-inputs.ts';
import type { Product } from '../catalog/product.ts';
import { timeOfCell } from '../catalog/values/date-cell.ts';
import { WrittenUnits } from '../catalog/values/written-units.ts';
import { readNumber } from '../features/numbers/number-encoding.ts';
import type { TableInputSpec } from '../models/attribute/spec.ts';
import type { AttuneConfig } from './config.ts';

/** Counts the cells of number and date inputs that hold something that is neither, and what the numbers name that are read as they stand. */
export class UnreadableCells {
  readonly #inputs: readonly TableInputSpec[];
  readonly #found: { filled: number; unreadable: number; example: string }[];
  readonly #written = new Map<string, WrittenUnits>();

  constructor(inputs: readonly TableInputSpec[] = []) {
    this.#inputs = inputs;
    this.#found = inputs.map(() => ({ filled: 0, unreadable: 0, example: '' }));
  }

  read({ table }: Pick<Product, 'table'>): void {
    for (const [i, input] of this.#inputs.entries()) {
      const cell = table?.[input.field];
      if (cell === undefined || cell === '' || input.kind === 'category') continue;
      const found = this.#found[i]!;
      found.filled++;
      if (input.kind === 'number' && input.encoding.unit === null)
        this.#writtenOf(input.field).add(String(cell));
      if (isReadable(input, cell)) continue;
      if (found.unreadable++ === 0) found.example = String(cell);
    }
  }

  #writtenOf(field: string): WrittenUnits {
    const known = this.#written.get(field) ?? new WrittenUnits();
    this.#written.set(field, known);
    return known;
  }

  /** A sentence each. */
  get warnings(): readonly string[] {
    return this.#inputs.flatMap(({ field, kind }, i) => {
      const { filled, unreadable, example } = this.#found[i]!;
      const mixed = mixedUnits(`The cells of the input ${field}`, this.#written.get(field));
      if (unreadable === 0) return mixed;
      const what = `cells of the input ${field} are no ${kind}, e.g. ${JSON.stringify(example)}`;
      return [
        ...mixed,
        unreadable === filled
          ? `All ${filled} ${what}. The input says nothing.`
          : `${unreadable} of ${filled} ${what}. They count as unreadable, which is a value of its own.`,
      ];
    });
  }
}

/** What is said where numbers that are not converted name several currencies or units. */
export function mixedUnits(what: string, written: WrittenUnits | undefined): readonly string[] {
  const mixed = written?.mixed;
  if (mixed === undefined) return [];
  return [
    `${what} name several currencies or units: ${mixed}. Their numbers are read as they stand and do not compare: set \`unit\` where one converts to the other, or bring them into one.`,
  ];
}

function isReadable(input: Exclude<TableInputSpec, { kind: 'category' }>, cell: string | number): boolean {
  if (input.kind === 'date') return timeOfCell(cell) !== undefined;
  return readNumber(cell, input.encoding).state === 'number';
}

/** Attributes whose own column is an input: the model would copy what it is asked for. */
export function givenAway({ attributes, data, inputs }: AttuneConfig): readonly string[] {
  if (data.layout !== 'columns') return [];
  const readers = new Map(
    Object.entries(inputs).flatMap(([name, input]) => columnsOf(name, input).map((column) => [column, name])),
  );
  return Object.entries(attributes).flatMap(([name, { column = name, kind }]) => {
    const reader = kind === 'generate' ? undefined : readers.get(column);
    if (reader === undefined) return [];
    return [
      `The attribute ${name} stands in the column "${column}", which the input ${reader} reads: the model copies it, and its figures say nothing. Take the input or the attribute out.`,
    ];
  });
}

/** Of the catalog's own file. */
function columnsOf(name: string, input: InputConfig): readonly string[] {
  if (input.kind === 'behaviour' || ('path' in input && input.path !== undefined)) return [];
  return [input.column ?? name].flat();
}
