/**
 * LoRA adapters as PEFT lays them out: `adapter_config.json`, and in `adapter_model.safetensors`
 * `base_model.model.MODULE.lora_A.weight` [rank, inputs] and `lora_B.weight` [outputs, rank] of each adapted layer.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { LinearModule, LoraSpec } from '../layers/lora.ts';
import { isOrEndsWith, linearModules, loraModules, loraNames } from '../layers/lora.ts';
import type { LoraAdapter } from '../layers/lora-merge.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { ADAPTER_CONFIG, adapterConfig, readAdapterConfig } from './adapter-config.ts';
import { checkpointName, isRenamed, memoryName } from './adapter-names.ts';
import { unwritable, writeWhole } from './files.ts';
import { openSafetensors, type SafetensorsFile, type TensorSource, writeSafetensors } from './safetensors.ts';

const ADAPTER_WEIGHTS = 'adapter_model.safetensors';
const BEFORE = 'base_model.model.';
const PAIR = /^base_model\.model\.(.+)\.(lora_(?:embedding_)?[AB])(?:\.weight)?$/;
/** A module of the encoder itself, which numbers its layers, and not of a pooler or a head. */
const IN_A_LAYER = /\.\d+\./;

export type ReadAdapter = LoraAdapter & {
  /** Tensors that belong to no adapted layer, such as those of a pooler or a head; they were not read. */
  readonly left: readonly string[];
};

/**
 * Reads an adapter of an encoder. A prefix that PEFT's model has before the encoder's names (`bert.`) is passed over.
 * @param parameters - the encoder's own
 * @throws models/checkpoint-missing, models/config-invalid, models/architecture-unsupported, models/safetensors-invalid;
 *   models/tensor-unexpected, models/tensor-missing and models/tensor-shape where it does not fit the encoder
 */
export async function readAdapter(
  folder: string,
  parameters: readonly ParameterSpec[],
): Promise<ReadAdapter> {
  const { targets, ...config } = await readAdapterConfig(folder);
  const file = await openSafetensors(join(folder, ADAPTER_WEIGHTS));
  const known = linearModules(parameters);
  const renamed = isRenamed(parameters);
  const left: string[] = [];
  const stored = new Map<string, string>();
  for (const name of file.tensors.keys()) {
    const [, given = '', kind = ''] = PAIR.exec(name) ?? [];
    const path = renamed ? checkpointName(given) : given;
    const module = known.find((each) => isOrEndsWith(path, each.name));
    if (module !== undefined) stored.set(`${module.name}.${kind}.weight`, name);
    else if (IN_A_LAYER.test(path) || kind.includes('embedding')) throw strangeModule(file, name);
    else left.push(name);
  }
  const modules = known.filter(({ name }) => has(stored, name));
  requireShapes(file, modules, config.rank, stored);
  const tensors = new Map<string, Float32Array>();
  for (const [name, own] of stored) tensors.set(name, await file.read(own));
  return { spec: { ...config, targets: targetsOf(targets, parameters, modules) }, tensors, left };
}

/**
 * Writes an adapter so that PEFT loads it over the encoder's checkpoint; each file is there whole or not at all.
 * @param parameters - the encoder's own
 * @param base - the name or folder of the checkpoint, for who loads it
 */
export async function writeAdapter(
  folder: string,
  parameters: readonly ParameterSpec[],
  { spec, tensors }: LoraAdapter,
  base?: string,
): Promise<void> {
  const modules = loraModules(parameters, spec);
  const renamed = isRenamed(parameters);
  const nameOf = ({ name }: LinearModule) => (renamed ? memoryName(name) : name);
  const sources = modules
    .flatMap((module) => {
      const ours = loraNames(module.name);
      const theirs = loraNames(nameOf(module));
      const source = (pair: 'a' | 'b', shape: readonly number[]): TensorSource => ({
        name: `${BEFORE}${theirs[pair]}`,
        shape,
        read: () => tensors.get(ours[pair])!,
      });
      return [source('a', [spec.rank, module.inputs]), source('b', [module.outputs, spec.rank])];
    })
    .sort((x, y) => (x.name < y.name ? -1 : 1));
  const targets = renamed || typeof spec.targets === 'string' ? modules.map(nameOf) : spec.targets;
  const fanInFanOut = modules.some(({ layout }) => layout === 'in-out');
  const json = JSON.stringify(adapterConfig(spec, targets, fanInFanOut, base), null, 2);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  await writeSafetensors(join(folder, ADAPTER_WEIGHTS), sources);
  await writeWhole(join(folder, ADAPTER_CONFIG), (handle) => handle.writeFile(`${json}\n`));
}

const has = (stored: ReadonlyMap<string, string>, module: string): boolean => {
  const { a, b } = loraNames(module);
  return stored.has(a) || stored.has(b);
};

/** The config's own targets where they name just the layers that were found; the layers' names where they do not. */
function targetsOf(
  targets: LoraSpec['targets'] | undefined,
  parameters: readonly ParameterSpec[],
  found: readonly LinearModule[],
): LoraSpec['targets'] {
  const names = found.map(({ name }) => name);
  if (typeof targets !== 'object') return names;
  const linear = linearModules(parameters).filter(({ name }) => targets.some((t) => isOrEndsWith(name, t)));
  const used = targets.filter((t) => names.some((name) => isOrEndsWith(name, t)));
  return linear.map(({ name }) => name).join() === names.join() ? used : names;
}

function requireShapes(
  file: SafetensorsFile,
  modules: readonly LinearModule[],
  rank: number,
  stored: ReadonlyMap<string, string>,
): void {
  if (modules.length === 0) {
    throw modelError('models/tensor-missing', `${file.path} has no low-rank pair of any layer.`);
  }
  for (const { name, inputs, outputs } of modules) {
    const { a, b } = loraNames(name);
    for (const [tensor, shape] of [
      [a, [rank, inputs]],
      [b, [outputs, rank]],
    ] as const) {
      const own = stored.get(tensor);
      if (own === undefined)
        throw modelError('models/tensor-missing', `${file.path} lacks ${BEFORE}${tensor}.`);
      const given = file.tensors.get(own)!.shape;
      if (given.join() !== shape.join()) {
        throw modelError(
          'models/tensor-shape',
          `${own} of ${file.path} is [${given.join(', ')}], expected [${shape.join(', ')}].`,
          { hint: 'The adapter was made for another checkpoint, or adapter_config.json is not its own.' },
        );
      }
    }
  }
}

function strangeModule({ path }: SafetensorsFile, name: string) {
  return modelError(
    'models/tensor-unexpected',
    `${path} adapts ${name.slice(BEFORE.length)}, which is no linear layer of the encoder.`,
    { hint: 'The adapter was made for another architecture, or adapts a table or a head.' },
  );
}
