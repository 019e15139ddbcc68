import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { type LoraSpec, loraParameters } from '../layers/lora.ts';
import type { LoraAdapter } from '../layers/lora-merge.ts';
import { linearParameters, parameterSize, projectionParameters } from '../layers/parameters.ts';
import { readAdapter, writeAdapter } from './adapter.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';

const PLAN = { depth: 1, initial: { kind: 'zeros' } } as const;
const ENCODER = [0, 1].flatMap((i) => [
  ...linearParameters(`encoder.layer.${i}.query`, 4, 6, PLAN),
  ...linearParameters(`encoder.layer.${i}.dense`, 6, 4, PLAN),
]);
const SPEC: LoraSpec = { rank: 2, alpha: 8, dropout: 0.1, targets: ['query'] };

function adapterOf(parameters: typeof ENCODER, spec: LoraSpec): LoraAdapter {
  const random = new Random(1);
  const tensors = new Map(
    loraParameters(parameters, spec).map((each) => [
      each.name,
      Float32Array.from({ length: parameterSize(each) }, () => random.normal()),
    ]),
  );
  return { spec, tensors };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-adapter-'));
});
afterEach(() => rm(folder, { recursive: true }));

const configPath = () => join(folder, 'adapter_config.json');
const weightsPath = () => join(folder, 'adapter_model.safetensors');
const configOf = async () => JSON.parse(await readFile(configPath(), 'utf8')) as Record<string, unknown>;
const changeConfig = async (changes: Record<string, unknown>) =>
  writeFile(configPath(), JSON.stringify({ ...(await configOf()), ...changes }));
const read = () => readAdapter(folder, ENCODER);

/** The tensors of the folder under other names. */
async function rename(change: (name: string) => string | undefined): Promise<void> {
  const file = await openSafetensors(weightsPath());
  const kept = [...file.tensors.values()].flatMap(({ name, shape }) => {
    const other = change(name);
    return other === undefined ? [] : [{ name: other, shape, from: name }];
  });
  const data = await Promise.all(kept.map(({ from }) => file.read(from)));
  await writeSafetensors(
    weightsPath(),
    kept.map(({ name, shape }, i) => ({ name, shape, read: () => data[i]! })),
  );
}

describe('an adapter folder', () => {
  it.each<LoraSpec>([
    SPEC,
    { ...SPEC, rankStabilised: true, dropout: 0 },
    { ...SPEC, targets: ['0.query', 'encoder.layer.1.dense'] },
  ])('is read as it was written', async (spec) => {
    const adapter = adapterOf(ENCODER, spec);
    await writeAdapter(folder, ENCODER, adapter, 'some/checkpoint');
    expect(await read()).toEqual({ ...adapter, left: [] });
    expect(await configOf()).toMatchObject({
      base_model_name_or_path: 'some/checkpoint',
      peft_type: 'LORA',
      use_rslora: spec.rankStabilised === true,
    });
  });

  it('names its layers where a pattern chose them, and says that their matrices lie the other way round', async () => {
    const parameters = projectionParameters('h.0.attn.c_attn', 4, 12, PLAN);
    await writeAdapter(folder, parameters, adapterOf(parameters, { ...SPEC, targets: 'all-linear' }));
    expect(await configOf()).toMatchObject({ target_modules: ['h.0.attn.c_attn'], fan_in_fan_out: true });
    const { tensors } = await openSafetensors(weightsPath());
    expect([...tensors.values()].map(({ name, shape }) => [name, shape])).toEqual([
      ['base_model.model.h.0.attn.c_attn.lora_A.weight', [2, 4]],
      ['base_model.model.h.0.attn.c_attn.lora_B.weight', [12, 2]],
    ]);
  });

  describe('of another maker', () => {
    beforeEach(() => writeAdapter(folder, ENCODER, adapterOf(ENCODER, SPEC)));

    it('may have a prefix before the names, and a pooler and a head beside them', async () => {
      await rename((name) =>
        name.includes('layer.1')
          ? name.replace('encoder.layer.1.query', 'bert.pooler.dense')
          : name.replace('model.encoder', 'model.bert.encoder'),
      );
      const { spec, tensors, left } = await read();
      expect(spec.targets).toEqual(['encoder.layer.0.query']);
      expect([...tensors.keys()]).toEqual([
        'encoder.layer.0.query.lora_A.weight',
        'encoder.layer.0.query.lora_B.weight',
      ]);
      expect(left).toEqual([
        'base_model.model.bert.pooler.dense.lora_A.weight',
        'base_model.model.bert.pooler.dense.lora_B.weight',
      ]);
    });

    it('needs no targets in its config', async () => {
      await changeConfig({ target_modules: null });
      expect((await read()).spec.targets).toEqual(['encoder.layer.0.query', 'encoder.layer.1.query']);
    });

    it.each([
      ['models/tensor-unexpected', (name: string) => name.replace('layer.1', 'layer.7')],
      ['models/tensor-missing', (name: string) => (name.includes('1.query.lora_B') ? undefined : name)],
      ['models/tensor-missing', (name: string) => name.replace('lora_', 'other_')],
      ['models/tensor-shape', (name: string) => name.replace('query', 'dense')],
    ])('is refused with %s where it does not fit the encoder', async (code, change) => {
      await rename(change);
      await expect(read()).rejects.toMatchObject({ code });
    });

    it.each([
      ['models/architecture-unsupported', { use_dora: true }],
      ['models/architecture-unsupported', { bias: 'all' }],
      ['models/architecture-unsupported', { peft_type: 'IA3' }],
      ['models/architecture-unsupported', { alpha_pattern: { query: 4 } }],
      ['models/architecture-unsupported', { init_lora_weights: 'pissa_niter_4' }],
      ['models/config-invalid', { r: 0 }],
      ['models/config-invalid', { lora_alpha: 'much' }],
      ['models/tensor-shape', { r: 3 }],
    ])('is refused with %s where its config says %o', async (code, changes) => {
      await changeConfig(changes);
      await expect(read()).rejects.toMatchObject({ code });
    });

    it('is refused without its files', async () => {
      await rm(weightsPath());
      await expect(read()).rejects.toMatchObject({ code: 'models/checkpoint-missing' });
      await rm(configPath());
      await expect(read()).rejects.toMatchObject({ code: 'models/checkpoint-missing' });
    });
  });
});
