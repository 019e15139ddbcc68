import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { constant, mean, parameter } from '../../graph/builder.ts';
import { gradient } from '../../graph/gradient.ts';
import { topologicalOrder } from '../../graph/order.ts';
import { evaluate } from '../../graph/reference.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { firstStates } from '../architectures/encoder.ts';
import { openArchitecture } from '../architectures/registry.ts';
import { dense, projection } from './dense.ts';
import { type Dropout, noDropout } from './dropout.ts';
import { type LoraSpec, linearModules, loraModules, loraParameters, loraScale, loraScope } from './lora.ts';
import { type LoraAdapter, mergeLora, unmergeLora } from './lora-merge.ts';
import {
  initialValues,
  linearParameters,
  type ParameterSpec,
  projectionParameters,
  tableParameter,
} from './parameters.ts';
import { type Scope, scopeOf } from './scope.ts';

const PLAN = { depth: 1, initial: { kind: 'normal', std: 1 } } as const;
const LAYERS: readonly ParameterSpec[] = [
  tableParameter('words', 7, 3, { ...PLAN, depth: 0 }),
  ...[0, 1].flatMap((i) => [
    ...linearParameters(`layer.${i}.query`, 3, 3, PLAN),
    ...linearParameters(`layer.${i}.output.dense`, 3, 4, PLAN, { bias: false }),
    ...projectionParameters(`layer.${i}.c_attn`, 3, 9, PLAN),
  ]),
];
const SPEC: LoraSpec = { rank: 2, alpha: 6, dropout: 0, targets: 'all-linear' };
const names = (targets: LoraSpec['targets']) => loraModules(LAYERS, { targets }).map(({ name }) => name);

describe('targets', () => {
  it('are whole names or the ends of names after a dot', () => {
    expect(names(['query'])).toEqual(['layer.0.query', 'layer.1.query']);
    expect(names(['1.query', 'layer.0.c_attn'])).toEqual(['layer.0.c_attn', 'layer.1.query']);
    expect(() => names(['uery'])).toThrow('name no linear layer');
  });

  it('are a regular expression that fits the whole name', () => {
    expect(names('layer\\.1\\..*')).toEqual(['layer.1.query', 'layer.1.output.dense', 'layer.1.c_attn']);
    expect(names('.*query|.*0.*dense')).toEqual(['layer.0.query', 'layer.0.output.dense', 'layer.1.query']);
    expect(() => names('query')).toThrow('name no linear layer');
    expect(() => names('(')).toThrow('no regular expression');
  });

  it('are refused where one of them names nothing, with the name that was meant', () => {
    expect(() => names(['query', 'c_atn'])).toThrow(
      expect.objectContaining({ code: 'models/adapter-targets', hint: 'Did you mean c_attn?' }),
    );
    expect(() => names([])).toThrow('empty list');
  });

  it('all-linear is every matrix that is no table', () => {
    expect(names('all-linear')).toHaveLength(6);
    expect(names('all-linear')).not.toContain('words');
  });
});

describe('the parameters of an adapter', () => {
  it('stand before and behind the rank, whichever way round the layer stores its matrix', () => {
    const shapes = loraParameters(LAYERS, {
      ...SPEC,
      targets: ['0.query', '0.output.dense', '0.c_attn'],
    }).map(({ name, shape }) => [name, shape]);
    expect(shapes).toEqual([
      ['layer.0.query.lora_A.weight', [2, 3]],
      ['layer.0.query.lora_B.weight', [3, 2]],
      ['layer.0.output.dense.lora_A.weight', [2, 3]],
      ['layer.0.output.dense.lora_B.weight', [4, 2]],
      ['layer.0.c_attn.lora_A.weight', [2, 3]],
      ['layer.0.c_attn.lora_B.weight', [9, 2]],
    ]);
  });

  it("start as PEFT's do: A uniform within 1 / sqrt(inputs), B zero, so that nothing changes yet", () => {
    const specs = loraParameters(linearParameters('wide', 100, 8, PLAN), { ...SPEC, rank: 50 });
    const [a, b] = specs.map((spec) => initialValues(spec, new Random(1)));
    const largest = a!.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    expect(largest).toBeLessThanOrEqual(0.1);
    expect(largest).toBeGreaterThan(0.0995);
    // The variance of a uniform distribution is limit² / 3.
    expect(a!.reduce((sum, x) => sum + x * x, 0) / a!.length).toBeCloseTo(0.01 / 3, 4);
    expect(b!.every((x) => x === 0)).toBe(true);
  });

  it('weigh alpha / rank, or alpha / sqrt(rank) when rank-stabilised', () => {
    expect(loraScale({ ...SPEC, rank: 4, alpha: 8 })).toBe(2);
    expect(loraScale({ ...SPEC, rank: 4, alpha: 8, rankStabilised: true })).toBe(4);
  });
});

/** Random numbers for some parameters, B not zero. */
function randomTensors(specs: readonly ParameterSpec[], seed: number): Map<string, Float32Array> {
  const random = new Random(seed);
  return new Map(
    specs.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, Float32Array.from({ length: size }, () => random.normal())];
    }),
  );
}

const adapterOf = (spec: LoraSpec, seed: number): LoraAdapter => ({
  spec,
  tensors: randomTensors(loraParameters(LAYERS, spec), seed),
});

function constants(specs: readonly ParameterSpec[], values: ReadonlyMap<string, Float32Array>): Scope {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  return scopeOf((name) => constant('float32', shapes.get(name)!, values.get(name)!));
}

/** What each kind of layer makes of two rows. */
function outputs(scope: Scope): number[] {
  const x = constant('float32', [2, 3], Float32Array.of(1, -2, 0.5, 0.25, 3, -1));
  const layer = scope.within('layer').within('0');
  const made = [
    dense(x, layer.within('query')),
    dense(x, layer.within('output.dense'), { bias: false }),
    projection(x, layer.within('c_attn')),
  ];
  return evaluate(made, {}).flatMap(({ data }) => [...data]);
}

describe('an adapted model', () => {
  const weights = randomTensors(LAYERS, 1);
  const computed = (adapter: LoraAdapter, dropout: Dropout = noDropout) => {
    const specs = [...LAYERS, ...loraParameters(LAYERS, adapter.spec)];
    const base = constants(specs, new Map([...weights, ...adapter.tensors]));
    return outputs(loraScope(base, LAYERS, adapter.spec, dropout));
  };
  const close = (a: readonly number[], b: readonly number[]) =>
    a.length === b.length && a.every((x, i) => Math.abs(x - b[i]!) <= 1e-4 * (1 + Math.abs(b[i]!)));

  it('computes what its merged weights compute', () => {
    const parts = fc.record({
      rank: fc.integer({ min: 1, max: 5 }),
      alpha: fc.integer({ min: 1, max: 16 }),
      rankStabilised: fc.boolean(),
      targets: fc.subarray(['query', 'dense', 'c_attn'], { minLength: 1 }),
    });
    fc.assert(
      fc.property(parts, fc.nat(1000), (part, seed) => {
        const adapter = adapterOf({ ...part, dropout: 0 }, seed);
        const merged = outputs(constants(LAYERS, mergeLora(weights, LAYERS, adapter)));
        expect(close(computed(adapter), merged)).toBe(true);
        expect(close(merged, outputs(constants(LAYERS, weights)))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('has several adapters over one base, merged together and taken off again', () => {
    const query = adapterOf({ ...SPEC, targets: ['query'] }, 2);
    const all = adapterOf(SPEC, 3);
    const both = mergeLora(mergeLora(weights, LAYERS, query), LAYERS, all);
    const onlyAll = mergeLora(weights, LAYERS, all);
    const back = unmergeLora(both, LAYERS, query);
    for (const [name, values] of onlyAll) expect(close([...back.get(name)!], [...values])).toBe(true);
    // The base is untouched, and shared where an adapter leaves it alone.
    expect(weights).toEqual(randomTensors(LAYERS, 1));
    expect(mergeLora(weights, LAYERS, query).get('words.weight')).toBe(weights.get('words.weight'));
  });

  it('drops elements of the input of the adapter alone, once a layer', () => {
    const asked: number[] = [];
    const all: Dropout = (_, probability) => {
      asked.push(probability);
      return constant('float32', [2, 3], new Float32Array(6));
    };
    expect(computed(adapterOf({ ...SPEC, dropout: 0.25 }, 4), all)).toEqual(
      outputs(constants(LAYERS, weights)),
    );
    expect(asked).toEqual([0.25, 0.25, 0.25]);
  });

  it('leaves layers that are no target as they are, whatever dropout does', () => {
    const adapter = adapterOf({ ...SPEC, targets: ['1.query'] }, 5);
    expect(computed(adapter)).toEqual(outputs(constants(LAYERS, weights)));
  });
});

describe('training an adapter', () => {
  const SIZES = { vocab_size: 50, max_position_embeddings: 16 };
  const COMMON = { hidden_size: 24, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 40 };
  const CONFIGS = {
    bert: { ...COMMON, ...SIZES },
    roberta: { ...COMMON, ...SIZES },
    mpnet: { ...COMMON, ...SIZES },
    modernbert: { ...COMMON, ...SIZES },
    distilbert: { ...SIZES, dim: 24, n_layers: 2, n_heads: 2, hidden_dim: 40 },
    gpt2: { vocab_size: 50, n_positions: 16, n_embd: 24, n_layer: 2, n_head: 2 },
  };

  it.each(Object.entries(CONFIGS))('of %s computes no gradient of a frozen matrix', (model_type, config) => {
    const encoder = openArchitecture({ model_type, ...config });
    const spec: LoraSpec = { rank: 3, alpha: 6, dropout: 0, targets: 'all-linear' };
    const adapted = loraParameters(encoder.parameters, spec);
    const all = [...encoder.parameters, ...adapted];
    const tensors = new Map(all.map(({ name, shape }) => [name, parameter(name, shape)]));
    const scope = loraScope(
      scopeOf((name) => tensors.get(name)!),
      encoder.parameters,
      spec,
      noDropout,
    );
    const ids = constant('int32', [2, 5], Int32Array.of(6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    const mask = constant('int32', [2, 5], new Int32Array(10).fill(1));
    const loss = mean(firstStates(encoder, scope, { ids, mask }, noDropout));

    // Every A and B is part of the model.
    const used = new Set(topologicalOrder([loss]).map(({ attributes }) => attributes.name));
    expect(adapted.filter(({ name }) => !used.has(name))).toEqual([]);

    const matrices = new Set(
      linearModules(encoder.parameters).flatMap(({ inputs, outputs }) => [
        `${inputs},${outputs}`,
        `${outputs},${inputs}`,
      ]),
    );
    const made = (by: readonly Tensor[]) =>
      topologicalOrder(gradient(loss, by)).filter(
        ({ kind, outputs }) => kind === 'matmul' && matrices.has(outputs[0]!.shape.join()),
      ).length;
    expect(made(adapted.map(({ name }) => tensors.get(name)!))).toBe(0);
    // What is looked for is there when a matrix is trained.
    const [first] = linearModules(encoder.parameters);
    expect(made([tensors.get(`${first!.name}.weight`)!])).toBeGreaterThan(0);
  });
});
