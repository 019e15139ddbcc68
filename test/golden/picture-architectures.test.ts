/**
 * Every image architecture against its origin: tokens, pooled vectors, logits, loss, every parameter's gradient and ten
 * losses of training, as PyTorch computes them from the same small random checkpoint (architectures/generate_pictures.py).
 */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { input, parameter } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { carriedAlongPictures } from '../../src/models/architectures/carried-along.ts';
import type { ImageEncoder } from '../../src/models/architectures/encoder.ts';
import { IMAGE_MODEL_TYPES, openImageArchitecture } from '../../src/models/architectures/registry.ts';
import { batchStatistics } from '../../src/models/layers/batch-norm.ts';
import { dense } from '../../src/models/layers/dense.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { linearParameters, type ParameterSpec } from '../../src/models/layers/parameters.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy, meanLoss } from '../../src/training/losses.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';
import { type Training, trainedLosses } from './ten-losses.ts';

type Losses = { readonly loss: number; readonly tenLosses: readonly number[] };
type Expected = Losses & { readonly training: Training; readonly batchStatistics?: Losses };

type Golden = {
  readonly encoder: ImageEncoder;
  /** Of the checkpoint's tensors, as stored. */
  readonly names: readonly string[];
  readonly expected: Expected;
  readonly tensors: Values;
  readonly batches: Values;
  readonly weights: Values;
};

const CLASSES = 5;
const FIXTURES = new URL('./architectures/pictures/', import.meta.url);
const MODELS = readdirSync(FIXTURES).filter((name) => !name.includes('.'));

function open(model: string): Golden {
  const folder = new URL(`${model}/`, FIXTURES);
  const encoder = openImageArchitecture(pictureConfig(model, folder));
  const tensors = readFixture(new URL('expected.safetensors', folder));
  const weights: Record<string, Value> = {};
  const stored = readFixture(new URL('model.safetensors', folder));
  for (const [name, value] of Object.entries(stored)) weights[bareName(encoder, name)] = value;
  for (const name of ['classifier.weight', 'classifier.bias']) weights[name] = tensors[name]!;
  return {
    encoder,
    names: Object.keys(stored),
    tensors,
    weights,
    expected: readJson<Expected>(new URL('expected.json', folder)),
    batches: readFixture(new URL('batches.safetensors', folder)),
  };
}

/** config.json; a ResNet's does not say how large its pictures are, nor a Wav2Vec2's how long its clips. */
function pictureConfig(model: string, folder: URL): Record<string, unknown> {
  const config = readJson<Record<string, unknown>>(new URL('config.json', folder));
  const [, , ...size] = readFixture(new URL('batches.safetensors', folder))['0.pixels']!.dims;
  const added = model.startsWith('wav2vec2') ? { clip_samples: size[1] } : {};
  return model.startsWith('resnet') ? { ...config, image_size: size } : { ...config, ...added };
}

const bareName = (encoder: ImageEncoder, name: string) =>
  name.startsWith(encoder.prefix) ? name.slice(encoder.prefix.length) : name;

function parametersOf({ encoder }: Golden): ParameterSpec[] {
  const plan = { depth: encoder.layers + 1, initial: { kind: 'zeros' } } as const;
  return [...encoder.parameters, ...linearParameters('classifier', encoder.width, CLASSES, plan)];
}

function build(golden: Golden, batchNorm?: ReturnType<typeof batchStatistics>) {
  const { encoder } = golden;
  const all = new Map(parametersOf(golden).map(({ name, shape }) => [name, parameter(name, shape)] as const));
  const trained = new Map(
    parametersOf(golden)
      .filter(({ fixed }) => !fixed)
      .map(({ name }) => [name, all.get(name)!]),
  );
  const scope = scopeOf((name) => all.get(name)!);
  const size = [encoder.channels, encoder.height, encoder.imageWidth];
  const pixels = input('pixels', 'float32', ['pictures of all', ...size]);
  const { tokens, pooled } = encoder.encode(scope, pixels, noDropout, batchNorm?.norm);
  const logits = dense(pooled, scope.within('classifier'));
  const loss = meanLoss(crossEntropy(logits, input('labels', 'int32', ['pictures of all'])));
  return { trained, tokens, pooled, logits, loss };
}

function feeds({ batches }: Golden, b: number): Values {
  return { pixels: batches[`${b}.pixels`]!, labels: batches[`${b}.labels`]! };
}

function weightsOf(golden: Golden): Values {
  return Object.fromEntries(parametersOf(golden).map(({ name }) => [name, golden.weights[name]!]));
}

/** Gradients of the result that are not what the fixture has under `prefix`. */
function wrongGradients({ encoder, tensors }: Golden, result: Values, prefix: string) {
  const names = Object.keys(tensors).filter((name) => name.startsWith(prefix));
  return {
    names: names.map((name) => bareName(encoder, name.slice(prefix.length))).sort(),
    wrong: names
      .map((name) => {
        const bare = bareName(encoder, name.slice(prefix.length));
        return [bare, relativeError(result[`gradient.${bare}`]!, tensors[name]!, 5e-3)] as const;
      })
      .filter(([, error]) => !(error < 3e-5)),
  };
}

const withGradients = (loss: Tensor, trained: ReadonlyMap<string, Tensor>) => {
  const gradients = gradient(loss, [...trained.values()]);
  return Object.fromEntries([...trained.keys()].map((name, i) => [`gradient.${name}`, gradients[i]!]));
};

function expectLosses(losses: readonly number[], want: readonly number[]): void {
  for (const [i, loss] of losses.entries())
    expect(Math.abs(loss - want[i]!) / want[i]!, `loss ${i}: ${loss}, PyTorch ${want[i]}`).toBeLessThan(1e-4);
}

it('has a fixture of every model type', () => {
  const tested = new Set(MODELS.map((model) => open(model).encoder.modelType));
  // Two are tested in pair-architectures.test.ts; the halves of attune-pair-small are bert and attune-image-small.
  const pairs = ['clip', 'siglip', 'attune-pair-small'];
  expect([...tested, ...pairs].sort()).toEqual([...IMAGE_MODEL_TYPES].sort());
});

describe.each(MODELS)('%s', (model) => {
  const golden = open(model);
  const { expected, tensors, weights } = golden;
  let session: Session;
  let result: Values;

  beforeAll(async () => {
    const { trained, tokens, pooled, logits, loss } = build(golden);
    session = await Session.create(
      { tokens, pooled, logits, loss, ...withGradients(loss, trained) },
      { threads: 1 },
    );
    result = await session.run({ ...weightsOf(golden), ...feeds(golden, 0) });
  });
  afterAll(() => session?.close());

  it('has the parameters of its checkpoint', () => {
    const specs = parametersOf(golden);
    for (const { name, shape } of specs) expect([name, weights[name]?.dims]).toEqual([name, shape]);
    const { prefix } = golden.encoder;
    const known = new Set(specs.map(({ name }) => name));
    const ignored = carriedAlongPictures(golden.encoder);
    const spare = golden.names.filter((name) => !known.has(bareName(golden.encoder, name)));
    expect(spare.filter((name) => !ignored.some((pattern) => pattern.test(name)))).toEqual([]);
    expect(golden.names.filter((name) => name.startsWith(prefix)).length).toBeGreaterThan(0);
  });

  it('computes the tokens, pooled vectors, logits and loss of PyTorch', () => {
    for (const name of ['tokens', 'pooled', 'logits'])
      expect([name, relativeError(result[name]!, tensors[name]!)]).toEqual([name, expect.closeTo(0, 5)]);
    expect(result.loss!.data[0]).toBeCloseTo(expected.loss, 5);
  });

  it("computes every parameter's gradient", () => {
    const { names, wrong } = wrongGradients(golden, result, 'gradient.');
    expect(wrong).toEqual([]);
    expect(names).toEqual([...build(golden).trained.keys()].sort());
  });

  it('trains with the same ten losses', async () => {
    const { trained, loss } = build(golden);
    const run = {
      trained,
      loss,
      weights: weightsOf(golden),
      batches: [0, 1, 2].map((b) => feeds(golden, b)),
    };
    expectLosses((await trainedLosses(run, expected.training)).losses, expected.tenLosses);
  });

  it('computes the same where the weights stand in the file', async () => {
    const { pooled } = build(golden);
    const stored = new Map(
      Object.entries(weightsOf(golden)).map(([name, { data }]) => [name, data as Float32Array]),
    );
    const other = await Session.create({ pooled }, { threads: 1, weights: stored });
    const { pixels } = feeds(golden, 0);
    const { pooled: again } = await other.run({ pixels: pixels! });
    await other.close();
    expect(relativeError(again!, tensors.pooled!)).toBeLessThan(5e-6);
  });

  const { batchStatistics: own } = expected;
  if (own === undefined) return;

  it("computes the loss and every gradient with the batch's own statistics", async () => {
    const { trained, loss } = build(golden, batchStatistics());
    const training = await Session.create({ loss, ...withGradients(loss, trained) }, { threads: 1 });
    const trainable = Object.fromEntries([...trained.keys()].map((name) => [name, weights[name]!]));
    const gradients = await training.run({ ...trainable, ...feeds(golden, 0) });
    await training.close();
    expect(gradients.loss!.data[0]).toBeCloseTo(own.loss, 4);
    expect(wrongGradients(golden, gradients, 'training.gradient.').wrong).toEqual([]);
  });

  it("trains with the batch's own statistics and keeps PyTorch's running averages", async () => {
    const statistics = batchStatistics();
    const { trained, loss } = build(golden, statistics);
    const { losses, state } = await trainedLosses(
      {
        trained,
        loss,
        carried: statistics.carried,
        weights: weightsOf(golden),
        batches: [0, 1, 2].map((b) => feeds(golden, b)),
      },
      expected.training,
    );
    expectLosses(losses, own.tenLosses);
    const averages = Object.keys(tensors).filter((name) => name.startsWith('training.after.'));
    expect(averages).toHaveLength(statistics.carried.length);
    // Adam's first steps follow the sign of a gradient, whatever its size: last bits of small ones make this difference.
    for (const name of averages) {
      const bare = bareName(golden.encoder, name.slice('training.after.'.length));
      expect(relativeError(state[bare]!, tensors[name]!), bare).toBeLessThan(5e-3);
    }
  });
});
