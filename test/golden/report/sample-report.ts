import { Random } from '../../../src/base/random.ts';
import type { AttributeAnswers } from '../../../src/evaluation/answers.ts';
import { calibrate } from '../../../src/evaluation/calibration/calibrator.ts';
import { fitCalibrator } from '../../../src/evaluation/calibration/fit-calibrator.ts';
import { sigmoid } from '../../../src/evaluation/calibration/log-odds.ts';
import { evaluateAttribute } from '../../../src/evaluation/evaluate-attribute.ts';
import { checkGates } from '../../../src/evaluation/gates/check-gates.ts';
import { attributeReport } from '../../../src/evaluation/report/attribute-report.ts';
import type { ReportData } from '../../../src/evaluation/report/report-data.ts';
import { scriptSlice, textLengthSlice } from '../../../src/evaluation/slices/slice-names.ts';
import { autoAcceptThresholds } from '../../../src/evaluation/thresholds/auto-accept.ts';

/** A made-up run with the parts of a real one: several kinds of attributes, scripts, mistakes, and hostile names. */

const COLOURS = [
  'Black',
  'White',
  'Blue',
  'Red',
  'Green',
  'Beige',
  'Grey',
  'Pink',
  'Brown',
  'Navy Blue',
  'Yellow',
  'Purple',
  'Teal',
  'Maroon',
];
const MATERIALS = ['cotton', 'polyester', 'wool', 'leather', 'linen', 'silk'];
const BRANDS = ['Acme', 'Nordwind', 'Casa Vela', '無印', 'L’Atelier', 'O’Neill & Sons'];
const NOUNS = [
  'running shoes',
  'crew-neck T-shirt',
  'woven scarf',
  'tote bag for travel and work',
  'コットンシャツ',
  'зимняя куртка',
];
export const HOSTILE = `<script>alert("x")</script>`;

type Row = {
  readonly title: string;
  readonly colour: string;
  readonly materials: readonly string[];
  readonly brand: string | undefined;
  readonly weight: number;
  readonly category: string;
  readonly group: string;
};

function rows(count: number, seed: number): Row[] {
  const random = new Random(seed, 1);
  return Array.from({ length: count }, (_, i) => {
    const colour = COLOURS[Math.floor(COLOURS.length * random.uniform() ** 2)]!;
    const brand = random.uniform() < 0.85 ? random.pick(BRANDS) : undefined;
    const noun = random.pick(NOUNS);
    const materials = MATERIALS.filter(() => random.uniform() < 0.3);
    const extra =
      random.uniform() < 0.3
        ? ', machine washable, ships from our own warehouse within two working days'
        : '';
    const title = `${brand ?? 'Unbranded'} ${noun} ${colour.toLowerCase()} ${materials.join('/')}${extra}${i % 5 === 0 ? ` ${HOSTILE}` : ''}`;
    const weight = Math.round(50 + 900 * random.uniform());
    return { title, colour, materials, brand, weight, category: noun, group: `parent ${Math.floor(i / 2)}` };
  });
}

/** What an imperfect, overconfident model says: right with the probability its true confidence says. */
function answer<T>(random: Random, right: T, wrong: () => T, skill: number): { value: T; raw: number } {
  const odds = skill + 1.6 * random.normal();
  return { value: random.uniform() < sigmoid(odds) ? right : wrong(), raw: sigmoid(1.8 * odds + 0.4) };
}

type Part = { readonly answers: (confidences: number[]) => AttributeAnswers; readonly raw: number[] };

function parts(side: readonly Row[], seed: number): Part[] {
  const random = new Random(seed, 2);
  const shared = { categories: side.map((r) => r.category), groups: side.map((r) => r.group) };
  const text = (
    attribute: string,
    kind: 'choice' | 'multi' | 'extract',
    truth: readonly (readonly string[])[],
    wrong: (row: number) => readonly string[],
    skill: (row: Row) => number,
  ): Part => {
    const said = truth.map((values, row) => answer(random, values, () => wrong(row), skill(side[row]!)));
    return {
      raw: said.map((s) => s.raw),
      answers: (confidences) => ({
        attribute,
        kind,
        truth,
        predicted: said.map((s) => s.value),
        confidences,
        ...shared,
      }),
    };
  };
  const weights = side.map((r) =>
    answer(random, r.weight * (1 + 0.02 * random.normal()), () => r.weight * 1.4, 1.5),
  );
  return [
    text(
      'colour',
      'choice',
      side.map((r) => [r.colour]),
      () => [random.pick(COLOURS)],
      (r) => (r.category === 'зимняя куртка' ? 0.2 : 3),
    ),
    text(
      'material',
      'multi',
      side.map((r) => r.materials),
      (row) => [...side[row]!.materials.slice(1), 'wool'],
      () => 1.6,
    ),
    text(
      'brand',
      'extract',
      side.map((r) => (r.brand ? [r.brand] : [])),
      () => (random.uniform() < 0.5 ? [] : ['Own']),
      () => 4,
    ),
    {
      raw: weights.map((w) => w.raw),
      answers: (confidences) => ({
        attribute: 'weight',
        kind: 'number',
        unit: 'g',
        tolerance: 0.05,
        truth: side.map((r) => r.weight),
        predicted: weights.map((w) => Math.round(w.value)),
        confidences,
        ...shared,
      }),
    },
    text(
      `sole & "heel" ${HOSTILE}`,
      'choice',
      side.map((_, i) => [i % 3 ? 'rubber' : 'EVA']),
      () => ['leather'],
      () => 2,
    ),
  ];
}

export function sampleReport(): ReportData {
  const sides = { calibration: rows(700, 11), thresholds: rows(1600, 12), test: rows(1200, 13) };
  const calibration = parts(sides.calibration, 21).map((part) => ({
    part,
    fit: fitCalibrator(
      part.raw,
      evaluateAttribute(part.answers(part.raw), { seed: 1, resamples: 1 }).correct,
      { seed: 1 },
    ),
  }));
  const calibrated = (raw: readonly number[], i: number) =>
    raw.map((confidence) => calibrate(calibration[i]!.fit.calibrator, confidence));
  const report = autoAcceptThresholds(
    parts(sides.thresholds, 22).map((part, i) => {
      const answers = part.answers(calibrated(part.raw, i));
      return {
        attribute: answers.attribute,
        confidences: answers.confidences,
        correct: evaluateAttribute(answers, { seed: 1, resamples: 1 }).correct,
        otherConfidences: calibrated(calibration[i]!.part.raw, i),
        precisionTarget: 0.95,
      };
    }),
    { seed: 1 },
  );
  const attributes = parts(sides.test, 23).map((part, i) => {
    const answers = part.answers(calibrated(part.raw, i));
    const autoAccept = report.attributes[i]!;
    return attributeReport({
      answers,
      evaluation: evaluateAttribute(answers, { seed: 1, resamples: 300, threshold: autoAccept.threshold }),
      rawConfidences: part.raw,
      calibration: calibration[i]!.fit,
      autoAccept,
      slicings: [
        { name: 'category', values: sides.test.map((r) => r.category) },
        { name: 'length of title', values: sides.test.map((r) => textLengthSlice(r.title)) },
        { name: 'script', values: sides.test.map((r) => scriptSlice(r.title)) },
      ],
      mistakes: 6,
      product: (row) => {
        const { title, colour, category } = sides.test[row]!;
        const start = title.indexOf(colour.toLowerCase());
        return {
          product: `SKU-${10_000 + row}`,
          category,
          texts: [{ field: 'title', text: title, evidence: [{ start, end: start + colour.length }] }],
        };
      },
    });
  });
  return {
    title: 'products.csv: 5 attributes from title',
    facts: [
      { label: 'data', value: 'products.csv (11,480 products)' },
      { label: 'split', value: 'by hash of the product: 7,980 train, 2,300 dev, 1,200 test' },
      { label: 'model', value: 'all-MiniLM-L6-v2, 22.7 M parameters, fp32' },
      { label: 'training', value: '5 epochs, 16 products a step, AdamW 5e-5' },
      { label: 'device', value: 'CPU, 2 threads' },
      { label: 'duration', value: '6 min 12 s' },
    ],
    command: 'npx attune train products.csv --set training.epochs=5 --set training.seed=1',
    config: `data: {path: products.csv, id: sku}\ninputs: {title: text}\nattributes:\n  colour: choice\n  material: multi\n  brand: extract\n  weight: {kind: number, unit: g}\n# ${HOSTILE}\n`,
    warnings: [
      '14 products have the value of colour literally in their title.',
      `The label ${HOSTILE} was seen once.`,
    ],
    training: {
      devMetric: 'micro F1',
      bestEpoch: 4,
      epochs: [2.41, 0.93, 0.52, 0.33, 0.24].map((trainLoss, i) => ({
        epoch: i + 1,
        trainLoss,
        devLoss: [1.32, 0.78, 0.61, 0.57, 0.6][i],
        devMetric: [0.642, 0.811, 0.862, 0.881, 0.879][i],
      })),
    },
    attributes,
    thresholdMethod: report.method,
    gates: checkGates(
      attributes.map((a) => a.result),
      {
        colour: { precision: 0.9, minCoverage: 0.3 },
        brand: { f1: 0.99 },
        weight: { r2: 0.5 },
        wieght: { r2: 0.5 },
      },
    ),
  };
}
