/**
 * The graphs that architectures build, as text. A refactor leaves these files as they are; a change that is meant is
 * written with `npx vitest run test/golden/graphs.test.ts -u` and read in the diff.
 */
import { describe, expect, it } from 'vitest';
import { input, linear, parameter } from '../../src/graph/builder.ts';
import { dump } from '../../src/graph/dump.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { hiddenStates } from '../../src/models/architectures/encoder.ts';
import { MODEL_TYPES, openArchitecture } from '../../src/models/architectures/registry.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy, meanLoss } from '../../src/training/losses.ts';
import { readJson } from './fixture.ts';

describe('graph snapshots', () => {
  it.each(MODEL_TYPES)('%s builds the same forward graph as before', async (modelType) => {
    const config = readJson<Record<string, unknown>>(
      new URL(`./architectures/fixtures/${modelType}/config.json`, import.meta.url),
    );
    const encoder = openArchitecture(config);
    const shapes = new Map(encoder.parameters.map(({ name, shape }) => [name, shape]));
    const hidden = hiddenStates(
      encoder,
      scopeOf((name) => parameter(name, shapes.get(name)!)),
      {
        ids: input('ids', 'int32', ['batch', 'tokens']),
        mask: input('mask', 'int32', ['batch', 'tokens']),
      },
      noDropout,
    );
    await expect(dump({ hidden })).toMatchFileSnapshot(`./graphs/${modelType}.txt`);
  });

  it('the gradient of a softmax classifier is the same graph as before', async () => {
    const weight = parameter('weight', [5, 8]);
    const x = input('x', 'float32', ['batch', 8]);
    const labels = input('labels', 'int32', ['batch']);
    const loss = meanLoss(crossEntropy(linear(x, weight, parameter('bias', [5])), labels, {}));
    const [dw] = gradient(loss, [weight]);
    await expect(dump({ loss, dw: dw! })).toMatchFileSnapshot('./graphs/softmax-gradient.txt');
  });
});
