/**
 * Trains the wide part by passes over a stream: logistic regression with an L2 penalty, one problem an attribute,
 * AdaGrad steps (Duchi, Hazan, Singer 2011) with one accumulator a feature and attribute, the rate falling linearly to 0.
 * Memory holds weights, never rows. The same stream gives the same model.
 */
import type { KnownLabel } from '../attribute/labels.ts';
import type { ChoiceSpec } from '../attribute/spec.ts';
import { FeatureCounter, type SparseVector, Vectorizer } from './features.ts';
import { Learner } from './learner.ts';
import { MentionReader, type Mentions, SLOTS_PER_FIELD } from './mentions.ts';
import type { WideText } from './ngrams.ts';
import { countLabel, problemsOf } from './problem.ts';
import { targetClasses } from './row-loss.ts';
import { columnCount, WideModel } from './wide-model.ts';
import { WIDE_DEFAULTS, type WideOptions } from './wide-options.ts';

export type WideExample = WideText & { readonly labels: Readonly<Record<string, KnownLabel>> };

/** Asked for before each pass: the counting pass is 0, training passes follow. Shuffle by it; sorted rows learn badly. */
export type WideStream = (pass: number) => AsyncIterable<readonly WideExample[]>;

export type WidePass = { readonly pass: number; readonly meanLoss: number };

/** @param onPass - told the mean loss of the labelled pairs after each training pass */
export async function trainWide(
  products: WideStream,
  { choices }: { readonly choices: readonly ChoiceSpec[] },
  options: Partial<WideOptions> = {},
  onPass: (pass: WidePass) => void = () => {},
): Promise<WideModel> {
  const settings = { ...WIDE_DEFAULTS, ...options };
  const problems = problemsOf(choices);
  const counter = new FeatureCounter();
  let rows = 0;
  let fields = 0;
  for await (const batch of products(0)) {
    for (const product of batch) {
      const labelled = problems.filter((problem) => countLabel(problem, product.labels)).length;
      if (labelled === 0) continue;
      counter.add(product);
      rows++;
      fields = Math.max(fields, product.texts.length);
    }
  }
  const width = columnCount(choices);
  const limit = Math.floor(settings.maxWeights / Math.max(1, width));
  const space = counter.space({ minProducts: settings.minProducts, limit });
  const learner = new Learner(problems, space, { width, slots: fields * SLOTS_PER_FIELD }, settings);
  const vectorizer = new Vectorizer(space);
  const mentionReader = new MentionReader(choices);
  const totalSteps = Math.min(settings.passes * rows, settings.maxSteps);
  let steps = 0;
  for (let pass = 1; pass <= settings.passes && steps < totalSteps; pass++) {
    let loss = 0;
    let pairs = 0;
    for await (const batch of products(pass)) {
      for (const product of batch) {
        if (steps === totalSteps) break;
        const rate = 1 - steps / totalSteps;
        let vector: SparseVector | undefined;
        let mentions: readonly Mentions[] | undefined;
        for (const [p, { choice, places }] of problems.entries()) {
          const targets = targetClasses(choice, places, product.labels[choice.attribute]);
          if (targets === undefined) continue;
          vector ??= vectorizer.vector(product);
          mentions ??= mentionReader.read(product.texts);
          loss += learner.step(p, vector, mentions[p]!, targets, rate);
          pairs++;
        }
        if (vector) steps++;
      }
      if (steps === totalSteps) break;
    }
    onPass({ pass, meanLoss: pairs > 0 ? loss / pairs : 0 });
  }
  return new WideModel(choices, { space, ...learner.finish() });
}
