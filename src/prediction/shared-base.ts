/**
 * One pretrained text encoder in memory for many models that were trained with an adapter over it: each brings its A and B and its
 * heads, a few percent of the whole, and takes the rest from here. Its answers are those of the bundle with the adapter merged, to rounding.
 *
 * The base is given to the runtime at each run, where it stands in memory, so it is there once however many models read it.
 * Hu et al. 2021, https://arxiv.org/abs/2106.09685, section 4.2: "switch between tasks ... by only swapping the LoRA weights".
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_TYPES, openArchitecture } from '../models/architectures/registry.ts';
import { adaptedParameters, attributeModelParameters } from '../models/attribute/attribute-model.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { readAdapter } from '../models/checkpoint/adapter.ts';
import { readCheckpoint } from '../models/checkpoint/folder.ts';
import { alignNames } from '../models/checkpoint/tensor-names.ts';
import { ALL_LINEAR, type LoraSpec, loraModules, loraNames } from '../models/layers/lora.ts';
import { mergeLora } from '../models/layers/lora-merge.ts';
import type { ReadBundle } from './bundle.ts';
import { predictionError } from './errors.ts';

/** A bundle's model in two parts. */
export type OverBase = {
  /** With the adapter of the text encoder as a part of the graph. */
  readonly spec: AttributeModelSpec;
  /** The model's own parameters. */
  readonly own: ReadonlyMap<string, Float32Array>;
  /** What it reads of the base: the base's own arrays. */
  readonly shared: ReadonlyMap<string, Float32Array>;
};

export class SharedBase {
  readonly folder: string;
  /** Under the names of the encoder's parameters. */
  readonly weights: ReadonlyMap<string, Float32Array>;

  private constructor(folder: string, weights: ReadonlyMap<string, Float32Array>) {
    this.folder = folder;
    this.weights = weights;
  }

  /** Reads a checkpoint's weights, once. @throws what reading a checkpoint throws */
  static async open(folder: string): Promise<SharedBase> {
    const { config, weights } = await readCheckpoint(folder, MODEL_TYPES);
    const names = openArchitecture(config).parameters.map(({ name }) => name);
    const aligned = alignNames(weights, names);
    const read = new Map<string, Float32Array>();
    for (const name of names) if (aligned.has(name)) read.set(name, await aligned.read(name));
    return new SharedBase(folder, read);
  }

  /**
   * A bundle's own part, after a look at each of its weights: those that are the base's are taken from here, and those that are the
   * base's with the adapter in them are made of both.
   * @throws prediction/not-over-base where the bundle has no adapter, is an ensemble, or was trained from another base
   */
  async under(bundle: ReadBundle): Promise<OverBase> {
    const { file, folder, checkpoint } = bundle;
    const adapterFolder = join(folder, 'adapter');
    if (!existsSync(adapterFolder) || file.members > 1)
      throw this.#refused(file.name, file.members > 1 ? 'it is an ensemble' : 'it has no adapter');
    const any: LoraSpec = { rank: 1, alpha: 1, dropout: 0, targets: ALL_LINEAR };
    const adapter = await readAdapter(adapterFolder, adaptedParameters({ ...file.model, adapter: any }));
    const adapted = adaptedParameters({ ...file.model, adapter: adapter.spec });
    const modules = loraModules(adapted, adapter.spec).filter(({ name }) =>
      this.weights.has(`${name}.weight`),
    );
    if (modules.length === 0) throw this.#refused(file.name, 'its adapter is of no layer of this encoder');
    const targets = modules.map(({ name }) => name.replaceAll('.', '\\.')).join('|');
    const own = new Map<string, Float32Array>();
    const shared = new Map<string, Float32Array>();
    for (const parameter of attributeModelParameters(file.model)) {
      const { name } = parameter;
      const base = this.weights.get(name);
      const given = await checkpoint.weights.read(name);
      const module = modules.find((each) => `${each.name}.weight` === name);
      if (module) {
        const alone = { ...adapter, spec: { ...adapter.spec, targets: [module.name] } };
        const merged = mergeLora(new Map([[name, base!]]), [parameter], alone).get(name)!;
        if (!equal(merged, given))
          throw this.#refused(file.name, `${name} is not the base's with the adapter in it`);
        const { a, b } = loraNames(module.name);
        for (const each of [a, b]) own.set(each, adapter.tensors.get(each)!);
      }
      if (base && (module || equal(base, given))) shared.set(name, base);
      else own.set(name, given);
    }
    return { spec: { ...file.model, adapter: { ...adapter.spec, targets } }, own, shared };
  }

  #refused(name: string, why: string) {
    return predictionError(
      'prediction/not-over-base',
      `The model ${name} is not one over ${this.folder}: ${why}.`,
      {
        hint: 'Train it with model.adapter from this base and without an ensemble, or open it by itself.',
      },
    );
  }
}

/** To the bit, -0 and 0 alike. */
function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
