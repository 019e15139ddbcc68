/**
 * A small real predictor of pictures, by rules: the color is that of the picture's middle, whatever the title says, unless there is
 * none; a clip of any bytes is heard. It can say what each modality added.
 */
import sharp from 'sharp';
import type { AttributePrediction, Predictor, ProductInput } from '../../src/prediction/prediction.ts';

const COLORS: Readonly<Record<string, readonly [number, number, number]>> = {
  Red: [200, 40, 40],
  Blue: [40, 60, 200],
};

export function swatchPredictor(): Predictor {
  return {
    name: 'swatches',
    fields: ['title'],
    mediaFields: [
      { name: 'photo', kind: 'image' },
      { name: 'clip', kind: 'audio' },
    ],
    tableFields: ['price'],
    attributes: [
      { name: 'color', kind: 'choice' },
      { name: 'weight', kind: 'number' },
    ],
    predict: (products, options) =>
      Promise.all(
        products.map(async (product) => ({
          id: product.id ?? 'none',
          ...(await predictOne(product, options?.contributions ?? false)),
          missing: [],
        })),
      ),
  };
}

async function predictOne({ texts, media, table }: ProductInput, contributions: boolean) {
  const [photo] = media?.cells.photo ?? [];
  const clips = media?.cells.clip?.length ?? 0;
  const seen = photo === undefined ? undefined : await colorOf(photo as Uint8Array);
  const told = Object.keys(COLORS).find((color) => texts.title?.includes(color)) ?? null;
  const problems =
    seen === null
      ? { problems: [{ field: 'photo', reference: undefined, reason: 'The file is no picture.' }] }
      : {};
  const parts = { text: seen ? -0.05 : 0.2, photo: seen ? 0.45 : 0, clip: 0, table: 0 };
  const color = said('choice', seen ?? told, seen ? 0.9 : 0.7);
  const weight = { ...said('number', 100 * clips + Number(table?.price ?? 0), 0.6), unit: 'g' };
  return {
    attributes: {
      color: contributions ? { ...color, contributions: { baseline: 0.5, parts } } : color,
      weight: contributions
        ? { ...weight, contributions: { baseline: 0, parts: { clip: 100 * clips } } }
        : weight,
    },
    ...problems,
  };
}

/** The nearest color of the list; null where the bytes are no picture. */
async function colorOf(bytes: Uint8Array): Promise<string | null> {
  const { channels } = await sharp(bytes)
    .stats()
    .catch(() => ({ channels: undefined }));
  if (channels === undefined) return null;
  const distance = (rgb: readonly number[]) =>
    rgb.reduce((sum, value, i) => sum + (value - channels[i]!.mean) ** 2, 0);
  return Object.entries(COLORS).sort(([, a], [, b]) => distance(a) - distance(b))[0]![0];
}

function said(
  kind: AttributePrediction['kind'],
  value: AttributePrediction['value'],
  confidence: number,
): AttributePrediction {
  return {
    kind,
    value,
    notApplicable: false,
    confidence: value === null ? 0 : confidence,
    status: value === null ? 'abstain' : 'review',
    evidence: [],
    alternatives: [],
  };
}
