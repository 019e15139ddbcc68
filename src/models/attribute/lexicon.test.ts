import { expect, it } from 'vitest';
import { FEATURES, type LabelledText, Lexicon, learnLexicon } from './lexicon.ts';
import { candidatesOf } from './words.ts';

const OPTIONS = { maxWords: 2, wordLimits: [20] };
const product = (text: string, labels: LabelledText['labels'], category = 'Mugs'): LabelledText => ({
  category,
  fields: [text],
  labels,
});
const learn = (products: readonly LabelledText[]) => learnLexicon(() => products, OPTIONS);

/** Features of the candidate `value` for `material`. */
function featuresOf(
  lexicon: Lexicon,
  { category, fields }: LabelledText,
  value: string,
  own?: LabelledText['labels'],
) {
  const candidates = candidatesOf(fields, { ...OPTIONS, knownValues: lexicon.knownValues });
  const all = lexicon.features({ category, fields }, candidates, ['material'], own);
  const at = candidates.findIndex(({ start, end }) => fields[0]!.slice(start, end) === value);
  expect(at).toBeGreaterThanOrEqual(0);
  return [...all.subarray(at * FEATURES, (at + 1) * FEATURES)];
}

const oak = product('tray of oak', { material: ['oak'] });
const others = [
  product('tray of glass', { material: ['glass'] }),
  product('bowl of glass', { material: ['glass'] }),
  product('jar of glass', { material: ['glass'] }),
];

it("a training product's own label leaves no trace in its features", async () => {
  const lexicon = await learn([oak, ...others]);
  const without = await learn([product('tray of oak', {}), ...others]);
  // Only this product says that oak is a material: to itself it must look like a word that nobody labelled.
  const seen = featuresOf(lexicon, oak, 'oak', oak.labels);
  const unseen = featuresOf(without, oak, 'oak');
  expect(seen.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(seen[6]).toBe(0);
  expect(seen.slice(0, 5)).toEqual(unseen.slice(0, 5));
  // To another product it is known.
  expect(featuresOf(lexicon, product('box of oak', {}), 'oak')[0]).toBe(1);
});

it('what others say of a value counts as it would without the product', async () => {
  const own = others[0]!;
  const lexicon = await learn([oak, ...others]);
  const rest = await learn([oak, ...others.slice(1)]);
  const found = featuresOf(lexicon, own, 'glass', own.labels);
  const expected = featuresOf(rest, own, 'glass');
  for (const i of [0, 1, 2, 3, 4, 6, 7]) expect(found[i], `feature ${i}`).toBeCloseTo(expected[i]!, 6);
});

it('a label of several equal values is taken out whole', async () => {
  const twice = product('oak on oak', { material: ['oak', 'Oak'] });
  const lexicon = await learn([twice, ...others]);
  expect(featuresOf(lexicon, twice, 'oak', twice.labels)[0]).toBe(0);
});

it('another category’s labels are known as such', async () => {
  const lexicon = await learn([oak, ...others]);
  const found = featuresOf(lexicon, product('lamp of oak', {}, 'Lamps'), 'oak');
  expect(found[0]).toBe(0);
  expect(found[6]).toBe(1);
});

it('survives being written and read', async () => {
  const lexicon = await learn([oak, ...others]);
  const again = new Lexicon(JSON.parse(JSON.stringify(lexicon.toData())));
  for (const value of ['oak', 'of', 'tray of'])
    expect(featuresOf(again, oak, value)).toEqual(featuresOf(lexicon, oak, value));
  expect([...again.knownValues]).toEqual([...lexicon.knownValues]);
});

it('values end inside words only where labels do', async () => {
  const sizes = Array.from({ length: 300 }, (_, i) => product(`jar ${i} ml`, { size: [`${i}`] }));
  const one = await learn([...sizes, product('jar 7ml', { size: ['7'] })]);
  expect(one.knownValues.size).toBe(0);
  const many = await learn([...sizes, ...sizes.map(() => product('jar 7ml', { size: ['7'] }))]);
  expect(many.knownValues.has('7')).toBe(true);
});
