/**
 * The names that PEFT sees: those of the modules in memory. transformers 5 gives ViT's, DeiT's and AST's layers others in
 * memory than their checkpoints have, which are ours; adapters saved over transformers 4 have the checkpoints'.
 */
import type { ParameterSpec } from '../layers/parameters.ts';

const VIT: readonly (readonly [checkpoint: string, memory: string])[] = [
  ['attention.attention.query', 'attention.q_proj'],
  ['attention.attention.key', 'attention.k_proj'],
  ['attention.attention.value', 'attention.v_proj'],
  ['attention.output.dense', 'attention.o_proj'],
  ['intermediate.dense', 'mlp.fc1'],
  ['output.dense', 'mlp.fc2'],
];

/** Whether transformers 5 names the layers of an encoder otherwise than its checkpoint does. */
export function isRenamed(parameters: readonly ParameterSpec[]): boolean {
  return parameters.some(({ name }) => name.endsWith(`.${VIT[0]![0]}.weight`));
}

/** A layer's name in the memory of transformers 5. */
export function memoryName(module: string): string {
  const [, layer, end] = /^encoder\.layer\.(\d+)\.(.+)$/.exec(module) ?? [];
  const memory = VIT.find(([checkpoint]) => checkpoint === end)?.[1];
  return memory === undefined ? module : `layers.${layer}.${memory}`;
}

/** A layer's name in the checkpoint, whichever of the two it is given; anything before it stays. */
export function checkpointName(path: string): string {
  const [, before, layer, end] = /^(.*?)layers\.(\d+)\.(.+)$/.exec(path) ?? [];
  const checkpoint = VIT.find(([, memory]) => memory === end)?.[0];
  return checkpoint === undefined ? path : `${before}encoder.layer.${layer}.${checkpoint}`;
}
