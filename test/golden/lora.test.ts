/** Adapters that PEFT made (lora/generate.py): what a model with one computes, how it trains, and what we save of it. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cast,
  divide,
  expandDims,
  input,
  multiply,
  parameter,
  reshape,
  slice,
  sum,
} from '../../src/graph/builder.ts';
import { topologicalOrder } from '../../src/graph/order.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { hiddenStates } from '../../src/models/architectures/encoder.ts';
import { openArchitecture, openImageArchitecture } from '../../src/models/architectures/registry.ts';
import { type ReadAdapter, readAdapter, writeAdapter } from '../../src/models/checkpoint/adapter.ts';
import { dense } from '../../src/models/layers/dense.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { loraParameters, loraScope } from '../../src/models/layers/lora.ts';
import { mergeLora } from '../../src/models/layers/lora-merge.ts';
import type { ParameterSpec } from '../../src/models/layers/parameters.ts';
import { linearParameters } from '../../src/models/layers/parameters.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy, meanLoss } from '../../src/training/losses.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';
import { type Training, trainedLosses } from './ten-losses.ts';

const CASES = ['bert', 'roberta', 'distilbert', 'mpnet', 'modernbert', 'gpt2', 'last-layer', 'vit'];
const HERE = new URL('./lora/', import.meta.url);

type Expected = {
  readonly checkpoint: string;
  readonly pooling: 'cls' | 'mean' | 'picture';
  readonly training: Training;
  readonly tenLosses: readonly number[];
};

/** An encoder whatever it reads: its parameters, and what it makes of a batch. */
type Encoder = {
  readonly prefix: string;
  readonly width: number;
  readonly parameters: readonly ParameterSpec[];
  states(scope: ReturnType<typeof scopeOf>): { readonly states: Tensor; readonly pooled: Tensor };
};

function openEncoder({ checkpoint, pooling }: Expected): Encoder {
  const config = readJson<Record<string, unknown>>(
    new URL(`./architectures/${checkpoint}/config.json`, import.meta.url),
  );
  if (pooling === 'picture') {
    const encoder = openImageArchitecture(config);
    const pixels = input('pixels', 'float32', [
      'batch',
      encoder.channels,
      encoder.height,
      encoder.imageWidth,
    ]);
    const states = (scope: ReturnType<typeof scopeOf>) => {
      const { pooled } = encoder.encode(scope, pixels, noDropout);
      return { states: pooled, pooled };
    };
    return { ...encoder, states };
  }
  const encoder = openArchitecture(config);
  const ids = input('input_ids', 'int32', ['batch', 'tokens']);
  const mask = input('attention_mask', 'int32', ['batch', 'tokens']);
  const segments =
    encoder.modelType === 'bert' ? { segments: input('token_type_ids', 'int32', ['batch', 'tokens']) } : {};
  const states = (scope: ReturnType<typeof scopeOf>) => {
    const hidden = hiddenStates(encoder, scope, { ids, mask, ...segments }, noDropout);
    const valid = expandDims(cast(mask, 'float32'), 2);
    const pooled =
      pooling === 'cls'
        ? reshape(slice(hidden, 1, 0, 1), ['batch', encoder.width])
        : divide(sum(multiply(hidden, valid), [1]), sum(valid, [1]));
    return { states: multiply(hidden, valid), pooled };
  };
  return { ...encoder, states };
}

/** Encoders of pictures and sounds that have linear layers, by folder of their fixtures. */
const PICTURES = [
  'vit',
  'deit',
  'convnext',
  'audio-spectrogram-transformer',
  'clip_vision_model',
  'siglip_vision_model',
  'whisper',
  'wav2vec2',
];

it.each(PICTURES)('reaches every linear layer of %s', (name) => {
  const config = readJson<Record<string, unknown>>(
    new URL(`./architectures/pictures/${name}/config.json`, import.meta.url),
  );
  const encoder = openImageArchitecture({ ...config, clip_samples: 800 });
  const spec = { rank: 2, alpha: 4, dropout: 0, targets: 'all-linear' };
  const adapted = loraParameters(encoder.parameters, spec);
  const all = new Map(
    [...encoder.parameters, ...adapted].map(({ name, shape }) => [name, parameter(name, shape)]),
  );
  const base = scopeOf((name) => all.get(name)!);
  const pixels = input('pixels', 'float32', ['batch', encoder.channels, encoder.height, encoder.imageWidth]);
  const scope = loraScope(base, encoder.parameters, spec, noDropout);
  const { tokens, pooled } = encoder.encode(scope, pixels, noDropout);
  const used = new Set(topologicalOrder([tokens, pooled]).map(({ attributes }) => attributes.name));
  expect(adapted.length).toBeGreaterThan(0);
  expect(adapted.filter(({ name }) => !used.has(name))).toEqual([]);
});

const valuesOf = (specs: readonly ParameterSpec[], tensors: ReadonlyMap<string, Float32Array>): Values =>
  Object.fromEntries(
    specs.map(({ name, shape }): [string, Value] => [
      name,
      { dtype: 'float32', dims: shape, data: tensors.get(name)! },
    ]),
  );

async function computed(output: Tensor, feeds: Values): Promise<Value> {
  const session = await Session.create({ output }, { threads: 1 });
  const given = session.inputs.map(({ name }) => [name, feeds[name]!] as const);
  const { output: value } = await session.run(Object.fromEntries(given));
  await session.close();
  return value!;
}

let scratch: string;
beforeAll(async () => {
  scratch = process.env.ATTUNE_KEEP_ADAPTERS ?? (await mkdtemp(join(tmpdir(), 'attune-lora-')));
});
afterAll(async () => {
  if (process.env.ATTUNE_KEEP_ADAPTERS === undefined) await rm(scratch, { recursive: true });
});

describe.each(CASES)('%s with an adapter', (name) => {
  const folder = new URL(`${name}/`, HERE);
  const expected = readJson<Expected>(new URL('expected.json', folder));
  const encoder = openEncoder(expected);
  const batches: Values[] = [];
  let adapter: ReadAdapter;
  let weights: Map<string, Float32Array>;
  let head: ParameterSpec[];

  beforeAll(async () => {
    const checkpoint = new URL(`./architectures/${expected.checkpoint}/`, import.meta.url);
    const stored = {
      ...readFixture(new URL('model.safetensors', checkpoint)),
      ...readFixture(new URL('expected.safetensors', checkpoint)),
    };
    head = linearParameters('classifier', encoder.width, stored['classifier.weight']!.dims[0]!, {
      depth: 9,
      initial: { kind: 'zeros' },
    });
    weights = new Map(
      [...encoder.parameters, ...head].map(({ name }) => {
        const value = stored[`${encoder.prefix}${name}`] ?? stored[name]!;
        return [name, value.data as Float32Array];
      }),
    );
    for (const [key, value] of Object.entries(readFixture(new URL('batches.safetensors', checkpoint)))) {
      const [, batch, input] = /^(\d+)\.(.+)$/.exec(key)!;
      batches[Number(batch)] = { ...batches[Number(batch)], [input!]: value };
    }
    adapter = await readAdapter(fileURLToPath(folder), encoder.parameters);
  });

  function build() {
    const adapted = loraParameters(encoder.parameters, adapter.spec);
    const all = [...encoder.parameters, ...adapted, ...head];
    const tensors = new Map(all.map(({ name, shape }) => [name, parameter(name, shape)]));
    const base = scopeOf((name) => tensors.get(name)!);
    const { states, pooled } = encoder.states(loraScope(base, encoder.parameters, adapter.spec, noDropout));
    const logits = dense(pooled, base.within('classifier'));
    const loss = meanLoss(crossEntropy(logits, input('labels', 'int32', ['batch'])));
    const trained = new Map([...adapted, ...head].map(({ name }) => [name, tensors.get(name)!]));
    const feeds = valuesOf(all, new Map([...weights, ...adapter.tensors]));
    return { states, loss, trained, feeds };
  }

  const wanted = () => Object.values(readFixture(new URL('expected.safetensors', folder)))[0]!;

  it("computes PEFT's states", async () => {
    const { states, feeds } = build();
    expect(relativeError(await computed(states, { ...feeds, ...batches[1] }), wanted())).toBeLessThan(5e-6);
  });

  it('computes the same merged into the weights', async () => {
    const merged = mergeLora(weights, encoder.parameters, adapter);
    const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
    const { states } = encoder.states(scopeOf((name) => tensors.get(name)!));
    const feeds = { ...valuesOf(encoder.parameters, merged), ...batches[1] };
    expect(relativeError(await computed(states, feeds), wanted())).toBeLessThan(5e-6);
  });

  it('trains with the same ten losses', async () => {
    const { loss, trained, feeds } = build();
    const { losses } = await trainedLosses({ trained, loss, weights: feeds, batches }, expected.training);
    for (const [i, want] of expected.tenLosses.entries())
      expect(Math.abs(losses[i]! - want) / want, `loss ${i}: ${losses[i]}, PyTorch ${want}`).toBeLessThan(
        5e-5,
      );
  });

  it('is saved as PEFT saved it', async () => {
    const saved = join(scratch, name);
    await writeAdapter(saved, encoder.parameters, adapter);
    const theirs = readFileSync(new URL('adapter_model.safetensors', folder));
    expect(readFileSync(join(saved, 'adapter_model.safetensors')).equals(theirs)).toBe(true);
    const again = await readAdapter(saved, encoder.parameters);
    expect(again).toEqual(adapter);
    const config = readJson<Record<string, unknown>>(new URL('adapter_config.json', folder));
    const ours = JSON.parse(readFileSync(join(saved, 'adapter_config.json'), 'utf8')) as typeof config;
    const { target_modules: _, ...same } = ours;
    expect(config).toMatchObject(same);
  });
});
