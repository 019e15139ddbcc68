/**
 * A small real predictor, by rules: the second implementation of `Predictor`, beside the trained bundle. Words in the
 * texts decide; every answer says where it read them.
 */
import type {
  AttributePrediction,
  Evidence,
  Predictor,
  ProductInput,
  ProductPrediction,
} from '../../src/prediction/prediction.ts';

const COLORS: Readonly<Record<string, string>> = {
  navy: 'Blue',
  blue: 'Blue',
  red: 'Red',
  crimson: 'Red',
  أحمر: 'Red',
};
const MATERIALS = ['cotton', 'wool', 'leather', 'linen', 'elastane'];
const FIELDS = ['title', 'description'];

export function keywordPredictor(): Predictor {
  return {
    name: 'keywords',
    fields: FIELDS,
    attributes: [
      { name: 'color', kind: 'choice' },
      { name: 'material', kind: 'multi' },
      { name: 'weight', kind: 'number' },
      { name: 'brand', kind: 'extract' },
      { name: 'sleeve', kind: 'choice' },
    ],
    async predict(products, options) {
      return products.map((product) => predictOne(product, options?.topK ?? 0));
    },
  };
}

function predictOne(product: ProductInput, topK: number): ProductPrediction {
  const color = find(product, new RegExp(Object.keys(COLORS).join('|'), 'giu'));
  const material = find(product, new RegExp(MATERIALS.join('|'), 'gi'));
  const weight = find(product, /\b\d{1,9}(?: ?g\b)/g);
  const brand = find(product, /\b(?:Norda|Velmont)\b/g);
  const colors = color.map(({ text }) => COLORS[text.toLowerCase()]!);
  const trousers = find(product, /\btrousers\b/gi).length > 0;
  return {
    id: product.id ?? 'none',
    attributes: {
      color: {
        ...said('choice', colors[0] ?? null, color.slice(0, 1), colors.length > 1 ? 0.7 : 0.97),
        alternatives: [...new Set([...colors, 'Blue', 'Red', 'Green'])]
          .slice(0, topK)
          .map((value, i) => ({ value, confidence: 0.9 / (i + 1) })),
      },
      material: said(
        'multi',
        material.length === 0 ? null : [...new Set(material.map(({ text }) => text.toLowerCase()))],
        material,
        0.91,
      ),
      weight: {
        ...said(
          'number',
          weight[0] === undefined ? null : Number.parseInt(weight[0].text, 10),
          weight.slice(0, 1),
          0.62,
        ),
        unit: 'g',
      },
      brand: said('extract', brand[0]?.text ?? null, brand, 0.99),
      sleeve: { ...said('choice', null, [], 0.88), notApplicable: trousers },
    },
    missing: colors.length === 0 ? ['color'] : [],
  };
}

function said(
  kind: AttributePrediction['kind'],
  value: AttributePrediction['value'],
  evidence: readonly Evidence[],
  confidence: number,
): AttributePrediction {
  const status = value === null ? 'abstain' : confidence > 0.8 ? 'auto' : 'review';
  return {
    kind,
    value,
    notApplicable: false,
    confidence: value === null ? 0 : confidence,
    status,
    evidence,
    alternatives: [],
  };
}

function find(product: ProductInput, words: RegExp): readonly Evidence[] {
  return FIELDS.flatMap((field) =>
    [...(product.texts[field] ?? '').matchAll(words)].slice(0, 20).map((match) => ({
      field,
      start: match.index,
      end: match.index + match[0].length,
      text: match[0],
    })),
  );
}
