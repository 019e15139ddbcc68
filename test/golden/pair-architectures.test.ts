/**
 * Models of pictures and texts against their origin: both vectors, logits, loss, every parameter's gradient and ten losses of
 * training, as PyTorch computes them from the same small random checkpoint (architectures/generate_pairs.py).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cast, expandDims, multiply } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Values } from '../../src/graph/session.ts';
import { hiddenStates, type PairEncoder } from '../../src/models/architectures/encoder.ts';
import { openImageArchitecture, openPairArchitecture } from '../../src/models/architectures/registry.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { pairGraph } from '../../src/models/pairs/pair-graph.ts';
import { meanLoss } from '../../src/training/losses.ts';
import { PAIR_LOSSES } from '../../src/training/pair-losses.ts';
import { pairLossOf } from '../../src/training/recipes/align-pairs.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';
import { type Training, trainedLosses } from './ten-losses.ts';

type Expected = { readonly training: Training; readonly loss: number; readonly tenLosses: readonly number[] };

function build(encoder: PairEncoder) {
  const { parameters, inputs, logits } = pairGraph(encoder, noDropout);
  const scope = scopeOf((name) => parameters.get(name)!);
  const pictures = encoder.embedPictures(scope, inputs.pixels, noDropout);
  const texts = encoder.embedTexts(scope, inputs, noDropout);
  const mask = expandDims(cast(inputs.mask, 'float32'), 2);
  const hidden = multiply(hiddenStates(encoder.text, scope.within('text_model'), inputs, noDropout), mask);
  const loss = meanLoss(PAIR_LOSSES[pairLossOf(encoder)](logits));
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
