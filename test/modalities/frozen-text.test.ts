/** The vector of a text from a frozen encoder: what the encoder in the graph computes, once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PackedInput } from '../../src/features/text/pack-input.ts';
import { parameter } from '../../src/graph/builder.ts';
import { Session, type Value } from '../../src/graph/session.ts';
import { encoderOf, textOutputs } from '../../src/models/attribute/attribute-model.ts';
import { BatchMaker } from '../../src/models/attribute/batch.ts';
import { openFrozenText } from '../../src/models/attribute/frozen-text.ts';
import type { AttributeModelSpec } from '../../src/models/attribute/spec.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { readFixture, readJson } from '../golden/fixture.ts';

const BERT = new URL('../golden/architectures/fixtures/bert/', import.meta.url);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-frozen-text-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function packed(...ids: readonly number[]): PackedInput {
  const zeros = () => new Int32Array(ids.length);
  return { ids: Int32Array.from(ids), typeIds: zeros(), fields: zeros(), starts: zeros(), ends: zeros() };
}

it.each(['mean', 'first'] as const)(
  'is that of the encoder, the same with and without the cache (%s)',
  async (pooling) => {
    const spec: AttributeModelSpec = {
      encoder: readJson(new URL('config.json', BERT)),
      vocabulary: undefined,
      pooling,
      fields: [{ name: 'title', maxTokens: 8 }],
      categoryContext: false,
      maxTokens: 8,
      frozenText: true,
      choices: [],
      numbers: [],
      spans: undefined,
    };
    const { frozenText: _, ...thawed } = spec;
    const encoder = encoderOf(spec);
    const stored = readFixture(new URL('model.safetensors', BERT));
    const values = encoder.parameters.map(
      ({ name }) => [name, stored[name] ?? stored[`${encoder.prefix}${name}`]!] as const,
    );
    const weights = new Map(values.map(([name, { data }]) => [name, data as Float32Array]));
    const batches = new BatchMaker(
      thawed,
      (id) => id,
      0,
      () => [],
    );
    const texts = [packed(2, 5, 7, 3), packed(2, 9, 3), packed(2, 5, 7, 3, 8)];

    const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
    const { vector: pooled } = textOutputs(
      thawed,
      encoder,
      scopeOf((name) => tensors.get(name)!),
      noDropout,
    );
    const session = await Session.create({ pooled }, { weights, threads: 1 });
    const all = batches.tokens(texts.map((each) => ({ packed: each })));
    const read = Object.fromEntries(session.inputs.map(({ name }): [string, Value] => [name, all[name]!]));
    const together = (await session.run(read)).pooled!.data;
    await session.close();

    const open = (cacheFolder?: string) =>
      openFrozenText(spec, { batches, weights, threads: 1, ...(cacheFolder ? { cacheFolder } : {}) });
    const runs: Float32Array[][] = [];
    for (const frozen of [await open(), await open(folder), await open(folder)]) {
      runs.push(await Promise.all(texts.map((text) => frozen.load(text))));
      await frozen.close();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
    for (const [i, vector] of runs[0]!.entries())
      for (const [d, value] of vector.entries())
        expect(value).toBeCloseTo(together[i * encoder.width + d]!, 4);
  },
);
