/**
 * Sizes of axes: whole numbers, or names that get a size when the graph runs (`batch`, `tokens`), or products of both
 * (`12*batch*tokens`) as flattening makes them. A size is a monomial: a coefficient and a sorted list of names, so
 * that two ways of writing one size are the same text.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

type Monomial = { readonly coefficient: number; readonly names: readonly string[] };

function parse(dim: Dim): Monomial {
  if (typeof dim === 'number') return { coefficient: dim, names: [] };
  let coefficient = 1;
  const names: string[] = [];
  for (const factor of dim.split('*')) {
    if (/^\d+$/.test(factor)) coefficient *= Number(factor);
    else names.push(factor);
  }
  return { coefficient, names: names.sort() };
}

function format({ coefficient, names }: Monomial): Dim {
  if (names.length === 0 || coefficient === 0) return coefficient;
  return coefficient === 1 ? names.join('*') : [coefficient, ...names].join('*');
}

/** The product of sizes; 1 for none. */
export function product(dims: readonly Dim[]): Dim {
  let coefficient = 1;
  const names: string[] = [];
  for (const dim of dims) {
    const part = parse(dim);
    coefficient *= part.coefficient;
    names.push(...part.names);
  }
  return format({ coefficient, names: names.sort() });
}

/** The sum of sizes along one axis, as concatenation makes it; sums of names become a new name. */
export function sum(dims: readonly Dim[]): Dim {
  if (dims.every((dim) => typeof dim === 'number'))
    return dims.reduce((total: number, dim) => total + Number(dim), 0);
  return `(${dims.join('+')})`;
}

/** The names a size is made of; `['batch', 'tokens']` for `12*batch*tokens`. */
export function namesOf(dim: Dim): readonly string[] {
  return parse(dim).names;
}

/** The whole-number part of a size; 12 for `12*batch*tokens`. */
export function coefficientOf(dim: Dim): number {
  return parse(dim).coefficient;
}

/** The size as a number, given the sizes of names. */
export function resolve(dim: Dim, sizes: ReadonlyMap<string, number>): number | undefined {
  const { coefficient, names } = parse(dim);
  let total = coefficient;
  for (const name of names) {
    const size = sizes.get(name);
    if (size === undefined) return undefined;
    total *= size;
  }
  return total;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The shape two shapes broadcast to (NumPy's rule), or undefined when they do not. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) result.push(x);
    else if (x === 1) result.push(y);
    else return undefined;
  }
  return result;
}
