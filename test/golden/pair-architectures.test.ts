/**
 * Models of pictures and texts against their origin: both vectors, logits, loss, every parameter's gradient and ten losses of
 * training, as PyTorch computes them from the same small random checkpoint (architectures/generate_pairs.py).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  cast,
  divide,
  equal,
  exp,
  expandDims,
  input,
  logSoftmax,
  matmul,
  mean,
  multiply,
  negate,
  parameter,
  range,
  scale,
  softplus,
  sqrt,
  sum,
  where,
} from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { hiddenStates, type PairEncoder, type TextInputs } from '../../src/models/architectures/encoder.ts';
import { openImageArchitecture, openPairArchitecture } from '../../src/models/architectures/registry.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';
import { type Training, trainedLosses } from './ten-losses.ts';

type Expected = { readonly training: Training; readonly loss: number; readonly tenLosses: readonly number[] };

/** The loss that each was trained with, over the rows (texts) and columns (pictures) of logits. */
const LOSSES: Record<string, (logits: Tensor, diagonal: Tensor) => Tensor> = {
  clip: (logits, diagonal) => {
    const pairs = cast(diagonal, 'float32');
    const over = (axis: number) => mean(sum(multiply(negate(logSoftmax(logits, axis)), pairs), [axis]));
    return scale(add(over(0), over(1)), 0.5);
  },
  siglip: (logits, diagonal) => {
    const signed = where(diagonal, negate(logits), logits);
    return mean(sum(softplus(signed), [1]));
  },
};

const normalised = (x: Tensor) => divide(x, sqrt(sum(multiply(x, x), [1], true)));

function build(encoder: PairEncoder) {
  const parameters = new Map(
    encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)] as const),
  );
  const scope = scopeOf((name) => parameters.get(name)!);
  const { channels, height, imageWidth } = encoder.image;
  const inputs: TextInputs = {
    ids: input('ids', 'int32', ['batch', 'tokens']),
    mask: input('mask', 'int32', ['batch', 'tokens']),
  };
  const pixels = input('pixels', 'float32', ['batch', channels, height, imageWidth]);
  const pictures = encoder.embedPictures(scope, pixels, noDropout);
  const texts = encoder.embedTexts(scope, inputs, noDropout);
  const mask = expandDims(cast(inputs.mask, 'float32'), 2);
  const hidden = multiply(hiddenStates(encoder.text, scope.within('text_model'), inputs, noDropout), mask);
  const cosines = matmul(normalised(texts), normalised(pictures), { transposeB: true });
  const scaled = multiply(cosines, exp(scope.get(encoder.logitScale)));
  const logits = encoder.logitBias === undefined ? scaled : add(scaled, scope.get(encoder.logitBias));
  const rows = range(texts, 0);
  const loss = LOSSES[encoder.modelType]!(logits, equal(expandDims(rows, 0), expandDims(rows, 1)));
  return { parameters, pictures, texts, hidden, logits, loss };
}

describe.each(['clip', 'siglip'])('%s', (modelType) => {
  const folder = new URL(`./architectures/pairs/${modelType}/`, import.meta.url);
  const config = readJson<Record<string, unknown>>(new URL('config.json', folder));
  const encoder = openPairArchitecture(config);
  const weights = readFixture(new URL('model.safetensors', folder));
  const tensors = readFixture(new URL('expected.safetensors', folder));
  const batches = readFixture(new URL('batches.safetensors', folder));
  const expected = readJson<Expected>(new URL('expected.json', folder));
  const feeds = (b: number): Values =>
    Object.fromEntries(['pixels', 'ids', 'mask'].map((name) => [name, batches[`${b}.${name}`]!]));
  let session: Session;
  let result: Values;

  beforeAll(async () => {
    const { parameters, ...outputs } = build(encoder);
    const gradients = gradient(outputs.loss, [...parameters.values()]);
    const named = [...parameters.keys()].map((name, i) => [`gradient.${name}`, gradients[i]!] as const);
    session = await Session.create({ ...outputs, ...Object.fromEntries(named) }, { threads: 1 });
    result = await session.run({ ...weights, ...feeds(0) });
  });
  afterAll(() => session?.close());

  it('has the parameters of its checkpoint', () => {
    expect(encoder.parameters.map(({ name, shape }) => [name, shape]).sort()).toEqual(
      Object.entries(weights)
        .map(([name, { dims }]) => [name, dims])
        .sort(),
    );
  });

  it('computes the vectors of pictures and texts, the logits and the loss of PyTorch', () => {
    for (const name of ['pictures', 'texts', 'hidden', 'logits'])
      expect(relativeError(result[name]!, tensors[name]!), name).toBeLessThan(5e-6);
    expect(result.loss!.data[0]).toBeCloseTo(expected.loss, 5);
  });

  it("computes every parameter's gradient", () => {
    const wrong = encoder.parameters
      .map(({ name }) => {
        const key = `gradient.${name}`;
        return [name, relativeError(result[key]!, tensors[key]!, 5e-3)] as const;
      })
      .filter(([, error]) => !(error < 3e-5));
    expect(wrong).toEqual([]);
  });

  it('trains with the same ten losses', async () => {
    const { parameters: trained, loss } = build(encoder);
    const run = { trained, loss, weights, batches: [0, 1, 2].map(feeds) };
    const { losses } = await trainedLosses(run, expected.training);
    for (const [i, each] of losses.entries())
      expect(Math.abs(each / expected.tenLosses[i]! - 1), `loss ${i}: ${each}`).toBeLessThan(1e-4);
  });

  it('gives its tower for pictures alone too', () => {
    const image = openImageArchitecture(config);
    expect(image.prefix).toBe('vision_model.');
    for (const { name, shape } of image.parameters)
      expect([name, weights[image.prefix + name]?.dims]).toEqual([name, shape]);
  });
});
