/** Everything a run is made of, from an open catalog: what is learned, from where, and in which terms. */
import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.ts';
import { inputsOf, TABLE_KINDS } from '../catalog/config-inputs.ts';
import type { ObservedBehaviour, Product } from '../catalog/product.ts';
import { WrittenUnits } from '../catalog/values/written-units.ts';
import type { BehaviourEncoding } from '../features/behaviour/behaviour-encoding.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { BatchMaker, rowsInUse } from '../models/attribute/batch.ts';
import { ExampleEncoder } from '../models/attribute/example.ts';
import type { FrozenText } from '../models/attribute/frozen-text.ts';
import { readsText } from '../models/attribute/fusion.ts';
import { type LabelledText, type Lexicon, learnLexicon } from '../models/attribute/lexicon.ts';
import { MediaLoader } from '../models/attribute/media-loader.ts';
import {
  type AttributeModelSpec,
  describedName,
  type MediaSpec,
  valueNames,
} from '../models/attribute/spec.ts';
import { trainingError } from '../training/errors.ts';
import { LabelReader, lexiconLabels, lexiconSample } from '../training/labelled.ts';
import { SMALLEST_CLASS, type Survey, surveyProducts } from '../training/survey.ts';
import { type AttuneConfig, wantedAttributes } from './config.ts';
import type { EncoderFolders } from './encoder-folders.ts';
import { frozenOf, frozenTextOf } from './frozen-encoders.ts';
import { mixedUnits, UnreadableCells } from './input-warnings.ts';
import { type MediaFiles, type OtherInputs, otherInputs } from './other-inputs.ts';
import { type PreparedDecoder, prepareDecoder } from './prepare-decoder.ts';
import { openStart, type Start } from './start.ts';

export type Prepared = {
  readonly spec: AttributeModelSpec;
  readonly survey: Survey;
  readonly start: Start;
  readonly lexicon: Lexicon | undefined;
  readonly encoder: ExampleEncoder;
  readonly batches: BatchMaker;
  /** What starts beside the text encoder. */
  readonly others: OtherInputs;
  /** Undefined where neither pictures nor sounds are read. */
  readonly media: MediaLoader | undefined;
  /** Undefined unless the text encoder is frozen. */
  readonly text: FrozenText | undefined;
  readonly reader: LabelReader;
  /** Undefined where no text is written. */
  readonly decoder: PreparedDecoder | undefined;
  readonly fields: readonly string[];
};

const SPAN_WIDTH = 256;

/**
 * @param folders - of the checkpoints to start from
 * @param files - where shaped pictures are kept during the run, and which are read
 * @param behaviour - how the event log is read, where there is one
 */
export async function prepare(
  catalog: Catalog,
  config: AttuneConfig,
  folders: EncoderFolders,
  files: MediaFiles,
  behaviour?: BehaviourEncoding,
): Promise<Prepared> {
  const texts = inputsOf(config.inputs, 'text');
  const fields = texts.map(([name]) => name);
  const survey = await surveyProducts(catalog, wantedAttributes(config));
  const mediaFields = inputsOf(config.inputs, 'image', 'audio').map(([name]) => name);
  const tableFields = inputsOf(config.inputs, ...TABLE_KINDS).map(([name]) => name);
  const reader = new LabelReader(survey.attributes, fields, { media: mediaFields, table: tableFields });
  const categoryContext = config.data.category !== undefined;
  const specFields = texts.map(([name, { maxTokens }]) => ({ name, maxTokens }));
  // Where no text is read, or all are empty, words are those of the values' names.
  const words = readsText({ fields: specFields, categoryContext })
    ? () => orNames(textsOf(catalog, fields, ['train']), survey)
    : () => namesOf(survey);
  const start = await openStart(config.model, folders.text, words, folders.continued ?? false);
  const others = await otherInputs(catalog, config, folders, files, behaviour);
  const base: AttributeModelSpec = {
    encoder: start.encoder,
    vocabulary: undefined,
    pooling: start.pooling,
    fields: specFields,
    categoryContext,
    maxTokens: start.maxTokens,
    ...others.spec,
    choices: survey.choices,
    numbers: survey.numbers,
    spans:
      survey.pairs.length > 0
        ? {
            pairs: survey.pairs,
            maxWords: config.model.maxSpanWords,
            width: SPAN_WIDTH,
            apart: survey.apart,
            descriptions: descriptionsOf(survey),
          }
        : undefined,
  };
  const frozen = { ...base, ...frozenOf(config, start, base) };
  const whole = { ...frozen, ...adapterOf(config, start, frozen) };
  const spec = start.weights
    ? { ...whole, vocabulary: await vocabularyInUse(catalog, start, whole, survey) }
    : whole;
  const lexicon = spec.spans
    ? await learnLexicon(() => labelledTexts(catalog, reader, spec, survey.labelledProducts), {
        maxWords: spec.spans.maxWords,
        wordLimits: spec.fields.map(({ maxTokens }) => maxTokens),
      })
    : undefined;
  const encoder = new ExampleEncoder(spec, start.tokenizer, lexicon);
  const { pad, unknown } = start.tokenizer.special;
  const batches = new BatchMaker(spec, rowsInUse(spec.vocabulary, unknown ?? pad), pad, (names) =>
    encoder.encodeNames(names),
  );
  const { threads } = config.training;
  const openEncoder = (field: MediaSpec) => others.openEncoder(field, threads);
  const media = spec.media && (await MediaLoader.open(spec.media, { ...files, openEncoder }));
  const text = await frozenTextOf(spec, start, batches, files.cacheFolder, threads);
  const decoder = await prepareDecoder(catalog, config, survey, reader, folders.decoder);
  return { spec, survey, start, others, lexicon, encoder, batches, media, text, reader, decoder, fields };
}

/** @throws training/bad-setting where no encoder is pretrained, so that nothing would learn but the heads */
function adapterOf(
  { model: { adapter } }: AttuneConfig,
  { weights }: Start,
  { media = [], frozenText = false }: Pick<AttributeModelSpec, 'media' | 'frozenText'>,
): Pick<AttributeModelSpec, 'adapter'> {
  if (adapter === undefined) return {};
  if ((weights === undefined || frozenText) && media.every(({ fresh, frozen }) => fresh || frozen)) {
    throw trainingError(
      'training/bad-setting',
      'model.adapter stands beside a pretrained encoder that is not frozen, and there is none here.',
      { hint: 'Set model.text, model.image or model.audio to a checkpoint, or leave model.adapter out.' },
    );
  }
  const { rank, alpha = 2 * rank, dropout, targets } = adapter;
  return {
    adapter: { rank, alpha, dropout, targets, ...(weights === undefined ? { freshText: true } : {}) },
  };
}

function descriptionsOf({ attributes }: Survey): Readonly<Record<string, string>> {
  return Object.fromEntries(
    attributes.flatMap(({ schema: { name, description } }) =>
      description === undefined ? [] : [[name, description]],
    ),
  );
}

async function* namesOf({ choices }: Survey): AsyncGenerator<string> {
  yield* valueNames(choices);
}

/** The texts; where none of them has a word, the names of the values. */
async function* orNames(texts: AsyncIterable<string>, survey: Survey): AsyncGenerator<string> {
  let found = false;
  for await (const text of texts) {
    found ||= /[\p{L}\p{N}]/u.test(text);
    yield text;
  }
  if (!found) yield* namesOf(survey);
}

async function* textsOf(
  catalog: Catalog,
  fields: readonly string[],
  sides: readonly ('train' | 'dev' | 'test')[],
): AsyncGenerator<string> {
  for await (const chunk of catalog.products({ sides })) {
    for (const { texts, category } of chunk) {
      if (category) yield category;
      for (const field of fields) if (texts[field]) yield texts[field];
    }
  }
}

async function* labelledTexts(
  catalog: Catalog,
  reader: LabelReader,
  spec: AttributeModelSpec,
  labelledProducts: number,
): AsyncGenerator<LabelledText> {
  const extracted = new Set(spec.spans!.pairs.map(({ attribute }) => attribute));
  const isSampled = lexiconSample(labelledProducts);
  for await (const chunk of catalog.products({ sides: ['train'] })) {
    for (const product of chunk) {
      if (!isSampled(product)) continue;
      const labelled = reader.read(product);
      if (!Object.keys(labelled.labels).some((name) => extracted.has(name))) continue;
      yield {
        category: product.category ?? '',
        fields: labelled.texts,
        labels: lexiconLabels(labelled, extracted),
      };
    }
  }
}

/**
 * Rows of the word table that the texts use, on all sides (dev and test texts are read, never their labels): only
 * these are trained, which is the same as training all but quicker, since the others get no gradient.
 */
async function vocabularyInUse(
  catalog: Catalog,
  start: Start,
  spec: AttributeModelSpec,
  survey: Survey,
): Promise<readonly number[]> {
  const { tokenizer } = start;
  const used = new Set<number>(Object.values(tokenizer.special).filter((id) => id !== undefined));
  const take = (text: string, limit: number) => {
    for (const id of tokenizer.encode(text, limit).ids) used.add(id);
  };
  const limit = Math.max(...spec.fields.map(({ maxTokens }) => maxTokens));
  for await (const text of textsOf(
    catalog,
    spec.fields.map(({ name }) => name),
    ['train', 'dev', 'test'],
  ))
    take(text.slice(0, limit * 64), limit);
  for (const name of [
    ...valueNames(survey.choices),
    ...survey.pairs.map(({ attribute }) => describedName(attribute, spec.spans!)),
    ...survey.categories,
  ])
    take(name, limit);
  const rows = openArchitecture(spec.encoder).vocabulary;
  return [...used].filter((id) => id < rows).sort((a, b) => a - b);
}

export type Fingerprint = {
  /** Names what a run is a function of: the products in their order, the config, the start. */
  readonly fingerprint: string;
  /** Labels and cells that cannot be read, and inputs that are always empty, in a sentence each. */
  readonly warnings: readonly string[];
};

/** What of a run its fingerprint is made of, beside data and config. */
type FingerprintedParts = {
  readonly start: Pick<Start, 'description'>;
  readonly survey: Pick<Survey, 'attributes'>;
  readonly fields: readonly string[];
  readonly spec: Pick<AttributeModelSpec, 'tableInputs'>;
  readonly decoder?: Pick<PreparedDecoder, 'description'> | undefined;
};

/** One pass over all products. */
export async function fingerprintOf(
  catalog: Catalog,
  config: AttuneConfig,
  { start, survey, fields, spec, decoder }: FingerprintedParts,
): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const { threads: _, saveEverySteps: __, ...training } = config.training;
  const starts = [start, ...(decoder ? [decoder] : [])].map(({ description }) => description);
  hash.update(JSON.stringify({ ...config, training, start: starts.join('; ') }));
  const reader = new LabelReader(survey.attributes, fields);
  const empty = new Set(fields);
  const cells = new UnreadableCells(spec.tableInputs);
  for await (const chunk of catalog.products()) {
    for (const product of chunk) {
      hash.update(lineOf(product));
      reader.read(product);
      cells.read(product);
      for (const field of empty) if (product.texts[field]) empty.delete(field);
    }
  }
  const unreadable = [...reader.unreadable].map(
    ([attribute, { count, example }]) =>
      `${count} labels of ${attribute} could not be read and train nothing, e.g. ${example}.`,
  );
  const rare = [...reader.rare].map(
    ([attribute, { count, example }]) =>
      `${count} labels of ${attribute} are of values with fewer than ${SMALLEST_CLASS} labels in training, e.g. "${example}". They train nothing; in the test they count as missed.`,
  );
  const mixed = survey.attributes.flatMap(({ schema, counts }) => {
    if (schema.kind !== 'number' || schema.unit !== undefined) return [];
    const written = new WrittenUnits();
    for (const [text, times] of counts) written.add(text, times);
    return mixedUnits(`The labels of ${schema.name}`, written);
  });
  const silent = [...empty].map((field) => `The input ${field} is empty in every product; it says nothing.`);
  return {
    fingerprint: hash.digest('hex').slice(0, 32),
    warnings: [...unreadable, ...rare, ...mixed, ...silent, ...cells.warnings],
  };
}

function lineOf({ id, texts, media, table, behaviour, labels, category }: Product): string {
  const shown =
    media &&
    Object.values(media)
      .flat()
      .map((cell) => (typeof cell === 'string' ? cell : sha256(cell)));
  return `${JSON.stringify([id, category, texts, labels, ...(shown ? [shown] : []), ...(table ? [table] : []), ...(behaviour ? [observed(behaviour)] : [])])}\n`;
}

function observed({ vector, neighbours, queries }: ObservedBehaviour): readonly unknown[] {
  return [sha256(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)), neighbours, queries];
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
