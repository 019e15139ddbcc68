/** What the decoder of free texts starts from, and what it is to write of which inputs. */
import { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { inputsOf, TABLE_KINDS } from '../catalog/config-inputs.ts';
import { loadTokenizer } from '../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import { trainBytePair } from '../features/text/train-byte-pair.ts';
import { State } from '../graph/state.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import type { TokenizerFiles } from '../models/checkpoint/tokenizer-files.ts';
import type { Weights } from '../models/checkpoint/weights.ts';
import { readDecoder } from '../models/generation/decoder-checkpoint.ts';
import { PromptWriter, questionOf } from '../models/generation/prompt.ts';
import type { GeneratedSpec, GeneratorSpec } from '../models/generation/spec.ts';
import { initialValues } from '../models/layers/parameters.ts';
import type { ModelConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import { type LabelReader, withoutLabels } from '../training/labelled.ts';
import type { Survey } from '../training/survey.ts';
import type { AttuneConfig } from './config.ts';

export type PreparedDecoder = {
  readonly spec: GeneratorSpec;
  readonly prompts: PromptWriter;
  readonly tokenizerFiles: TokenizerFiles;
  /** Undefined for a decoder of random weights. */
  readonly weights: Weights | undefined;
  /** Texts of the training products. */
  readonly texts: number;
  /** For the plan: "small (a GPT-2 of 4 layers ...)". */
  readonly description: string;
};

type StartedDecoder = Pick<PreparedDecoder, 'tokenizerFiles' | 'weights' | 'description'> & {
  readonly decoder: Readonly<Record<string, unknown>>;
  readonly tokenizer: Tokenizer;
};

const HEAD_WIDTH = 32;

/**
 * @param folder - of the GPT-2 to start from; undefined for the small one
 * @param reader - reads the labels of all attributes
 * @returns undefined where no attribute is written
 * @throws training/bad-setting where an attribute reads an input that has its answer, or reads what is not there
 */
export async function prepareDecoder(
  catalog: Catalog,
  config: AttuneConfig,
  survey: Survey,
  reader: LabelReader,
  folder: string | undefined,
): Promise<PreparedDecoder | undefined> {
  const written = survey.attributes.filter(({ schema }) => schema.kind === 'generate');
  const taught = new Set(written.filter(({ labelled }) => labelled > 0).map(({ schema }) => schema.name));
  const attributes = generatedSpecs(config).filter(({ attribute }) => taught.has(attribute));
  const texts = written.reduce((total, { labelled }) => total + labelled, 0);
  if (written.length === survey.attributes.length && texts === 0) {
    throw trainingError('training/no-examples', 'No training product has a text for any attribute.', {
      hint: 'Check the columns of the attributes in attune.yaml; `attune inspect` shows how full they are.',
    });
  }
  if (attributes.length === 0) return undefined;
  const partial = {
    fields: inputsOf(config.inputs, 'text').map(([name, { maxTokens }]) => ({ name, maxTokens })),
    table: inputsOf(config.inputs, ...TABLE_KINDS).map(([name]) => name),
    category: config.data.category !== undefined,
    attributes,
  };
  const longest = Math.max(...attributes.map(({ maxTokens }) => maxTokens));
  const { decoder, tokenizer, ...start } =
    folder === undefined
      ? await smallDecoder(config.model, longest, () => wordsOf(catalog, reader, partial))
      : await checkpointDecoder(folder);
  const positions = openArchitecture(decoder).maxTokens;
  const spec: GeneratorSpec = {
    ...partial,
    decoder,
    maxPromptTokens: Math.min(config.model.maxTokens, positions - longest),
  };
  if (spec.maxPromptTokens < 1) {
    throw trainingError(
      'training/bad-setting',
      `The decoder has ${positions} positions, and a text may have ${longest} tokens, which leaves no room for a prompt.`,
      { hint: 'Lower `maxTokens` of the attributes that are generated.' },
    );
  }
  return { spec, prompts: new PromptWriter(spec, tokenizer), texts, ...start };
}

function generatedSpecs({ attributes, inputs, data: { category } }: AttuneConfig): readonly GeneratedSpec[] {
  const fields = inputsOf(inputs, 'text');
  return Object.entries(attributes).flatMap(([attribute, config]): GeneratedSpec[] => {
    if (config.kind !== 'generate') return [];
    const own = config.column ?? attribute;
    const tells = fields
      .filter(([name, { column }]) => [column ?? name].flat().includes(own))
      .map(([name]) => name);
    const { description, reads, given, maxTokens, beams, lengthPenalty, noRepeat, list } = config;
    const cells = inputsOf(inputs, ...TABLE_KINDS).find(([name, { column }]) => (column ?? name) === own);
    if (cells !== undefined)
      throw badSetting(
        attribute,
        `has the column of the input ${cells[0]}, which stands in its prompt: that gives the answer away`,
      );
    if (category === own)
      throw badSetting(
        attribute,
        'has the column of the category, which stands in its prompt: that gives the answer away',
      );
    for (const name of reads ?? []) {
      if (tells.includes(name))
        throw badSetting(
          attribute,
          `reads the input ${name}, which has its own column: that gives the answer away`,
        );
      if (fields.every(([field]) => field !== name))
        throw badSetting(attribute, `reads ${name}, which is no text input`);
    }
    for (const name of given) {
      if (name === attribute) throw badSetting(attribute, 'is given itself: that gives the answer away');
      const other = attributes[name];
      if (other === undefined) throw badSetting(attribute, `is given ${name}, which is no attribute`);
      if ((other.column ?? name) === own)
        throw badSetting(attribute, `is given ${name}, which has its own column: that gives the answer away`);
    }
    return [
      {
        attribute,
        description,
        reads: reads ?? fields.map(([name]) => name).filter((name) => !tells.includes(name)),
        given,
        maxTokens,
        beams,
        lengthPenalty,
        noRepeat,
        list,
      },
    ];
  });
}

function badSetting(attribute: string, problem: string) {
  return trainingError('training/bad-setting', `The attribute ${attribute} ${problem}.`, {
    hint: `Change attributes.${attribute} in attune.yaml.`,
    details: { attribute },
  });
}

async function checkpointDecoder(folder: string): Promise<StartedDecoder> {
  const { config, tokenizer, tokenizerFiles, weights, encoder } = await readDecoder(folder);
  return {
    decoder: config,
    tokenizer,
    tokenizerFiles,
    weights,
    description: `${folder} (gpt2, ${encoder.layers} layers, ${encoder.width} wide)`,
  };
}

async function smallDecoder(
  { width, layers, maxTokens, vocabulary }: ModelConfig,
  longest: number,
  words: () => AsyncIterable<string>,
): Promise<StartedDecoder> {
  const files = await trainBytePair(words(), { vocabularySize: Math.max(vocabulary, LEAST_VOCABULARY) });
  const tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  const end = tokenizer.special.sep;
  return {
    decoder: {
      model_type: 'gpt2',
      vocab_size: tokenizer.vocabularySize,
      n_positions: maxTokens + longest,
      n_embd: width,
      n_layer: layers,
      n_head: width / HEAD_WIDTH,
      bos_token_id: end,
      eos_token_id: end,
    },
    tokenizer,
    tokenizerFiles: files as TokenizerFiles,
    weights: undefined,
    description: `small (a GPT-2 of ${layers} layers, ${width} wide, from random weights, ${tokenizer.vocabularySize} tokens)`,
  };
}

/** The bytes, the end of a text and a few dozen merges. */
const LEAST_VOCABULARY = 320;

/** What stands in the prompts and answers of the training products. */
async function* wordsOf(
  catalog: Catalog,
  reader: LabelReader,
  { attributes, fields, table }: Pick<GeneratorSpec, 'attributes' | 'fields' | 'table'>,
): AsyncGenerator<string> {
  const given = [...new Set(attributes.flatMap((each) => each.given))];
  for await (const chunk of catalog.products({ sides: ['train'] })) {
    for (const each of chunk) {
      const labelled = reader.read(each);
      const { category, texts, table: cells = [], values = {} } = withoutLabels(labelled, given);
      const lines: (readonly [string, string | undefined])[] = [
        ['category', category],
        ...Object.entries(values).map(([name, own]) => [name, own.join(', ')] as const),
        ...table.map((name, i) => [name, cells[i] === undefined ? undefined : String(cells[i])] as const),
        ...fields.map(({ name }, i) => [name, texts[i]] as const),
      ];
      for (const [name, text] of lines) if (text) yield `${name}: ${text}\n`;
      for (const { attribute, ...own } of attributes) {
        const label = labelled.labels[attribute];
        if (label?.state === 'values')
          yield `${questionOf({ attribute, ...own })}: ${label.values.join('\n')}`;
      }
    }
  }
}

/** Every parameter's first value: the checkpoint's where there is one, else drawn. */
export async function decoderState({ spec, weights }: PreparedDecoder, seed: number): Promise<State> {
  const state = new State();
  const random = new Random(seed, 0x6e3);
  for (const each of openArchitecture(spec.decoder).parameters) {
    const values = weights ? await weights.read(each.name) : initialValues(each, random);
    state.set(each.name, each.shape, values);
  }
  return state;
}
