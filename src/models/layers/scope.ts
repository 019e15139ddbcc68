import type { Tensor } from '../../graph/tensor.ts';

/**
 * A model's parameters, looked up by name relative to where one is in it: in `scope.within('encoder.layer.0')`,
 * `get('output.dense.weight')` is the parameter `encoder.layer.0.output.dense.weight`. The forward functions know
 * parameters only through this, so whoever builds a graph decides what a name stands for: a trained input, a frozen
 * one, a slice of another.
 */
export type Scope = {
  get(name: string): Tensor;
  within(path: string): Scope;
  /** What is added to the output of the linear layer that stands here, for its input; nothing where left out (lora.ts). */
  lowRank?(x: Tensor): Tensor | undefined;
};

/** @param lookup - gives the tensor of a full name, and throws where there is none */
export function scopeOf(lookup: (name: string) => Tensor, path = ''): Scope {
  const full = (name: string) => (path === '' ? name : `${path}.${name}`);
  return {
    get: (name) => lookup(full(name)),
    within: (inner) => scopeOf(lookup, full(inner)),
  };
}
