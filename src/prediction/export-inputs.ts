/**
 * What each input of an exported ONNX file is, as plain data in its metadata: enough to make the arrays of a product's texts,
 * pictures, sounds, cells and events without this program.
 */

import { SMALL_LOG_MEL_STEPS, smallLogMelPlan } from '../features/audio/small-log-mel.ts';
import { soundInput } from '../features/audio/sound-input.ts';
import { BAGS, CLAMP } from '../features/behaviour/behaviour-input.ts';
import { behaviourNames } from '../features/behaviour/behaviour-vector.ts';
import { categoryCount, FIRST_ID, MISSING_ID, UNKNOWN_ID } from '../features/numbers/category-encoding.ts';
import { dateNames } from '../features/numbers/date-encoding.ts';
import { numberNames } from '../features/numbers/number-encoding.ts';
import { leavesOf } from '../graph/order.ts';
import type { Tensor } from '../graph/tensor.ts';
import { behaviourScope } from '../models/attribute/behaviour-vectors.ts';
import { CATEGORY_TOKENS, templateOf } from '../models/attribute/example.ts';
import { modalitiesOf, modalityName } from '../models/attribute/fusion.ts';
import { mediaScope } from '../models/attribute/media-vectors.ts';
import { onnxFileName } from '../models/attribute/onnx-encoder.ts';
import type { AttributeModelSpec, BehaviourSpec, MediaSpec } from '../models/attribute/spec.ts';
import { DATE_REFERENCE, TABLE } from '../models/attribute/table-inputs.ts';

/** Of one input; `dims` are numbers and named dimensions. */
export type InputDescription = Readonly<Record<string, unknown>> & {
  readonly dtype: string;
  readonly dims: readonly (number | string)[];
};

/** By name, of those that the graph has. */
export function describeInputs(
  spec: AttributeModelSpec,
  outputs: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, InputDescription>> {
  const words = new Map<string, object>([
    ...textInputs(spec),
    ...(spec.media ?? []).flatMap(mediaInputs),
    ...tableInputs(spec),
    ...(spec.behaviour ? behaviourInputs(spec.behaviour) : []),
    [
      'fusion.present',
      {
        what: '1 where a product has the modality, 0 where it is missing; arrays of what is missing are zeros',
        columns: modalitiesOf(spec).map(modalityName),
      },
    ],
  ]);
  return Object.fromEntries(
    leavesOf(Object.values(outputs), 'input').map(({ name, tensor: { dtype, shape } }) => [
      name,
      { dtype, dims: shape, ...(words.get(name) ?? SPANS) },
    ]),
  );
}

type Described = readonly [name: string, description: object];

const SPANS = {
  what: 'of the candidate spans that Attune finds in the texts with its lexicon; without this program, leave extracted attributes alone',
};

function textInputs(spec: AttributeModelSpec): readonly Described[] {
  const { fields, categoryContext, maxTokens, encoder } = spec;
  const context = categoryContext ? [{ name: 'category', maxTokens: CATEGORY_TOKENS }] : [];
  return [
    [
      'ids',
      {
        what: 'token ids of all fields, one after the other; fields without a token take no place',
        tokenizer: 'tokenizer.json of the model folder, without its own special tokens',
        template: templateOf(encoder.model_type),
        templates: {
          bert: '[CLS] a [SEP] b [SEP]',
          roberta: '<s> a </s></s> b </s>',
          gpt2: 'a <eos> b <eos>',
        },
        fields: [...context, ...fields],
        maxTokens,
      },
    ],
    ['mask', { what: '1 for a token, 0 for padding behind it' }],
    ['segments', { what: '0 for the first field and the special tokens around it, 1 for all others' }],
  ];
}

function mediaInputs(spec: MediaSpec): readonly Described[] {
  const { field, most, kind } = spec;
  const scope = mediaScope(field);
  const read = spec.kind === 'image' ? pictureSteps(spec) : soundSteps(spec);
  return [
    [`${scope}.values`, { what: `of each ${WORD[kind]} of all products`, field, most, ...read }],
    [
      `${scope}.vectors`,
      {
        what: `what ${onnxFileName(field)} of the model folder makes of each ${WORD[kind]}`,
        field,
        most,
        ...read,
      },
    ],
    [
      `${scope}.shares`,
      {
        what: `for each product, 1 / its number of ${WORD[kind]}s at each of its own, 0 at those of others`,
        field,
      },
    ],
  ];
}

const WORD = { image: 'picture', audio: 'sound' } as const;

function pictureSteps({ processor }: Extract<MediaSpec, { readonly kind: 'image' }>) {
  const { fit, resampling, crops, scale, mean, std, pad } = processor;
  return {
    channels: ['red', 'green', 'blue'],
    steps: [
      'turn as EXIF says, lay alpha over white, 8 bits in sRGB',
      'resize as `fit` says with `resampling` as Pillow has it, rounded to 8 bits; letterbox: the middle of white (255)',
      'cut `crops` from the middle, one after the other',
      '(value * scale - mean) / std for each channel',
      'pad with zeros at the right and at the bottom up to `pad`',
    ],
    fit,
    resampling,
    crops,
    scale,
    mean,
    std,
    pad: pad ?? null,
  };
}

function soundSteps({ sound }: Extract<MediaSpec, { readonly kind: 'audio' }>) {
  const { sampleRateHz, rows, columns } = soundInput(sound);
  const common = { channels: 1, sampleRateHz, rows, columns };
  if (sound.kind === 'checkpoint')
    return {
      ...common,
      steps: [
        'mix to one channel and resample',
        'the feature extractor of transformers that `preprocessor` is of',
      ],
      preprocessor: sound.preprocessor,
      ...(sound.samples === undefined ? {} : { samples: sound.samples }),
    };
  return {
    ...common,
    steps: ['mix to one channel and resample', ...SMALL_LOG_MEL_STEPS],
    logMel: smallLogMelPlan(sound.mels),
  };
}

function tableInputs({ tableInputs = [] }: AttributeModelSpec): readonly Described[] {
  const columns: string[] = [];
  const numbers: object[] = [];
  const categories: object[] = [];
  let rows = 0;
  for (const input of tableInputs) {
    const { field, kind } = input;
    if (kind === 'category') {
      const ids = { missing: rows + MISSING_ID, unknown: rows + UNKNOWN_ID, first: rows + FIRST_ID };
      categories.push({ field, ...ids, values: input.encoding.values });
      rows += categoryCount(input.encoding);
      continue;
    }
    const names = kind === 'number' ? numberNames(input.encoding) : dateNames(input.encoding);
    const of = kind === 'number' ? input.encoding : { ...input.encoding, reference: DATE_REFERENCE };
    numbers.push({ field, kind, from: columns.length, encoding: of });
    columns.push(...names.map((name) => `${field} ${name}`));
  }
  return [
    [
      `${TABLE}.values`,
      {
        what: 'of each cell: 1 where it is missing (then all others are 0); (q - 0.5) * sqrt(12), where q is its place from 0 to 1 among `quantiles`, which lie at even ranks, linear between them and the middle of the ranks of equal ones; and how far it goes into each bin of `edges`, from 0 to 1',
        dates:
          'of a date, behind the first: sine and cosine of 2 pi times month / 12 (January is 0), weekday / 7 (Monday is 0) and day of the year / 365.2425 (1 January is 0), in UTC; then place and bins of its age in days, (reference - seconds since 1970) / 86400',
        columns,
        inputs: numbers,
      },
    ],
    [
      `${TABLE}.categories`,
      {
        what: 'the number of each value: `first` and its place in `values`; case, accents and marks do not count',
        inputs: categories,
      },
    ],
  ];
}

function behaviourInputs(spec: BehaviourSpec): readonly Described[] {
  const { behaviour, mean, deviation, known } = spec.encoding;
  const scope = behaviourScope(spec);
  const lists = BAGS.flatMap((bag): Described[] => [
    [
      `${scope}.${bag}.ids`,
      {
        what: `the number of each of the ${MEMBERS[bag]}, heaviest first: 1 and its place in \`known\`; 0 behind them`,
        known: known[bag],
      },
    ],
    [`${scope}.${bag}.weights`, { what: 'their weights, which add up to 1; 0 behind them' }],
  ]);
  return [
    [
      `${scope}.values`,
      {
        what: '(value - mean) / deviation for each column, cut to -clamp and clamp',
        columns: behaviourNames(behaviour),
        mean,
        deviation,
        clamp: CLAMP,
        options: behaviour,
      },
    ],
    ...lists,
  ];
}

const MEMBERS = {
  viewed: 'products that are viewed in the same sessions',
  bought: 'products that are bought by the same shoppers',
  words: 'words of the queries that find it',
} as const;
