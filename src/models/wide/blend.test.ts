import { describe, expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import type { ChoiceSpec } from '../attribute/spec.ts';
import { type BlendRow, blendLogits, blendWeights } from './blend.ts';
import { classBias } from './class-bias.ts';
import { lossAndGradient } from './row-loss.ts';

const VALUES = ['a', 'b', 'c'];
const one: ChoiceSpec = { attribute: 'x', kind: 'choice', values: VALUES, notApplicable: false };
const some: ChoiceSpec = { ...one, kind: 'multi' };

/** Logits that say the truth with a strength each, under noise. */
function rows(count: number, strengths: { deep: number; wide: number }, seed = 1): BlendRow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const truth = random.below(3);
    const logits = (strength: number) =>
      Float32Array.from(VALUES, (_, c) => strength * (c === truth ? 1 : 0) + random.normal());
    return {
      deep: logits(strengths.deep),
      wide: logits(strengths.wide),
      labels: { x: { state: 'values', values: [VALUES[truth]!] } },
    };
  });
}

function meanLoss(choice: ChoiceSpec, data: readonly BlendRow[], deep: number, wide: number): number {
  const blend = { deep: [deep], wide: [wide], bias: [0, 0, 0] };
  const losses = data.map(({ deep: d, wide: w, labels }) => {
    const label = labels.x!;
    const targets = label.state === 'values' ? label.values.map((value) => VALUES.indexOf(value)) : [];
    return lossAndGradient(choice.kind, Float64Array.from(blendLogits([choice], blend, d, w)), targets);
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

describe('blend weights', () => {
  test.each([one, some])('are where the held-out log loss is least: $kind', (choice) => {
    const data = rows(400, { deep: 2, wide: 1 });
    const { deep, wide } = blendWeights([choice], data, { priorRows: 1e-6 });
    const best = meanLoss(choice, data, deep[0]!, wide[0]!);
    for (const [dd, dw] of [
      [0.05, 0],
      [-0.05, 0],
      [0, 0.05],
      [0, -0.05],
    ] as const) {
      expect(meanLoss(choice, data, deep[0]! + dd, wide[0]! + dw)).toBeGreaterThan(best);
    }
    expect(deep[0]!).toBeGreaterThan(wide[0]!);
  });

  test('a part that misleads gets no weight, never a negative one', () => {
    const { deep, wide } = blendWeights([one], rows(300, { deep: 3, wide: -3 }));
    expect(wide[0]).toBe(0);
    expect(deep[0]).toBeGreaterThan(0.5);
  });

  test('few rows stay near the start, and an attribute without rows is half of each', () => {
    expect(blendWeights([one], [])).toEqual({ deep: [0.5], wide: [0.5], bias: [0, 0, 0] });
    const few = rows(3, { deep: 2, wide: 1 });
    const near = blendWeights([one], few, { priorRows: 1000 });
    const far = blendWeights([one], few, { priorRows: 0.01 });
    expect(Math.abs(near.deep[0]! - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(far.deep[0]! - 0.5)).toBeGreaterThan(0.2);
  });

  test('each attribute has its own weights, for its own columns', () => {
    const y: ChoiceSpec = { ...one, attribute: 'y' };
    const first = rows(300, { deep: 3, wide: 0 }, 1);
    const second = rows(300, { deep: 0, wide: 3 }, 2);
    const both = first.map((row, i) => ({
      deep: Float32Array.of(...row.deep, ...second[i]!.deep),
      wide: Float32Array.of(...row.wide, ...second[i]!.wide),
      labels: { x: row.labels.x!, y: second[i]!.labels.x! },
    }));
    const { deep, wide } = blendWeights([one, y], both);
    expect(deep[0]!).toBeGreaterThan(3 * wide[0]!);
    expect(wide[1]!).toBeGreaterThan(3 * deep[1]!);
  });
});

describe('class bias', () => {
  /** Two overlapping classes, one rare; the rare one's logit is too low by `offset`. */
  function uneven(count: number, offset: number) {
    const random = new Random(3);
    const logits: Float64Array[] = [];
    const truth: number[] = [];
    for (let i = 0; i < count; i++) {
      const rare = random.uniform() < 0.1;
      truth.push(rare ? 1 : 0);
      logits.push(Float64Array.of(0, (rare ? 3 : -3) + 1.5 * random.normal() - offset));
    }
    return { logits, truth, priors: Float32Array.of(Math.log(0.9), Math.log(0.1)) };
  }

  test('a rare class that is scored too low is lifted', () => {
    const { logits, truth, priors } = uneven(2000, 2);
    const [common, rare] = classBias(logits, truth, priors);
    expect(rare! - common!).toBeGreaterThan(0.5);
  });

  test('scores that are right already are left alone', () => {
    const { logits, truth, priors } = uneven(2000, -1);
    expect(classBias(logits, truth, priors)).toEqual([0, 0]);
  });

  test('too few rows say nothing', () => {
    const { logits, truth, priors } = uneven(8, 2);
    expect(classBias(logits, truth, priors)).toEqual([0, 0]);
  });
});
