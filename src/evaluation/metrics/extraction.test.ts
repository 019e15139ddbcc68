import { describe, expect, it } from 'vitest';
import {
  type ExtractionExample,
  extractionOutcome,
  extractionScores,
  fullSchemaRows,
  listedRows,
  scoreExtraction,
} from './extraction.ts';

const examples: ExtractionExample[] = [
  // Listed: Brand right, Flavor wrong, Roast missed, Form rightly none, Pack wrongly something.
  {
    category: 'Coffee',
    targets: { Brand: ['Folgers'], Flavor: ['Mocha'], Roast: ['Medium'], Form: [], Pack: [] },
    predicted: { Brand: ' Folgers ', Flavor: 'mocha', Pack: '24' },
  },
  // Not listed, but in the schema: a guess for Roast that only the full schema counts.
  {
    category: 'Coffee',
    targets: { Brand: ['Acme', 'Acme Co'] },
    predicted: { Brand: 'Acme Co', Roast: 'Dark' },
  },
  { category: 'Tea', targets: { Brand: ['Lipton'] }, predicted: { Brand: 'Lipton' } },
];
const schema = new Map([
  ['Coffee', ['Brand', 'Flavor', 'Roast', 'Form', 'Pack']],
  ['Tea', ['Brand', 'Leaf']],
]);

describe('the extraction metric', () => {
  it('tells the five outcomes apart by exact match after trimming', () => {
    expect(extractionOutcome({ targets: [], predicted: undefined })).toBe('nn');
    expect(extractionOutcome({ targets: [], predicted: 'x' })).toBe('nv');
    expect(extractionOutcome({ targets: ['x'], predicted: undefined })).toBe('vn');
    expect(extractionOutcome({ targets: ['y', ' x'], predicted: 'x ' })).toBe('vc');
    expect(extractionOutcome({ targets: ['x'], predicted: 'X' })).toBe('vw');
  });

  it('computes precision VC/(NV+VC+VW) and recall VC/(VN+VC+VW)', () => {
    const scores = extractionScores({ nn: 50, nv: 2, vn: 4, vc: 6, vw: 2 });
    expect(scores.precision).toBeCloseTo(0.6, 12);
    expect(scores.recall).toBeCloseTo(0.5, 12);
    expect(scores.f1).toBeCloseTo(6 / 11, 12);
  });

  it('counts the listed attributes only in the published variant', () => {
    const report = scoreExtraction(listedRows(examples));
    expect(report.count).toBe(7);
    expect(report.micro).toMatchObject({ nn: 1, nv: 1, vn: 1, vc: 3, vw: 1 });
    expect(report.micro.precision).toBeCloseTo(3 / 5, 12);
    expect(report.micro.recall).toBeCloseTo(3 / 5, 12);
  });

  it('counts a guess for an attribute that is not listed in the full-schema variant', () => {
    const report = scoreExtraction(fullSchemaRows(examples, schema));
    expect(report.count).toBe(5 + 5 + 2);
    expect(report.micro).toMatchObject({ nn: 5, nv: 2, vn: 1, vc: 3, vw: 1 });
    expect(report.micro.precision).toBeCloseTo(3 / 6, 12);
  });

  it('averages over the pairs that have a target or a prediction', () => {
    const report = scoreExtraction(listedRows(examples));
    // Coffee/Form is only ever rightly silent, so it is no pair: Brand 1, Flavor 0, Pack 0, Roast 0, Tea/Brand 1.
    expect(report.pairs.map((p) => `${p.category}/${p.attribute}`)).toEqual([
      'Coffee/Brand',
      'Coffee/Flavor',
      'Coffee/Pack',
      'Coffee/Roast',
      'Tea/Brand',
    ]);
    expect(report.macro.f1).toBeCloseTo(2 / 5, 12);
  });

  it('reads no inherited property as a target or prediction', () => {
    const rows = [
      ...fullSchemaRows([{ category: 'c', targets: {}, predicted: {} }], new Map([['c', ['constructor']]])),
    ];
    expect(rows).toEqual([{ category: 'c', attribute: 'constructor', targets: [], predicted: undefined }]);
  });
});
