/** The end of `attune train`: the best weights become a bundle, which is calibrated, tested and written with its report. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Product } from '../catalog/product.ts';
import { overallScores } from '../evaluation/evaluate-attribute.ts';
import { checkGates } from '../evaluation/gates/check-gates.ts';
import type { ModalityAlone } from '../evaluation/report/render-modalities.ts';
import { renderReport } from '../evaluation/report/render-report.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { adaptedParameters, attributeModelParameters } from '../models/attribute/attribute-model.ts';
import { DEFAULT_DECODE } from '../models/attribute/decode.ts';
import { asTrained } from '../models/attribute/frozen.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { writeAdapter } from '../models/checkpoint/adapter.ts';
import { loraParameters } from '../models/layers/lora.ts';
import { type LoraAdapter, mergeLora } from '../models/layers/lora-merge.ts';
import { REFERENCE_FILE, writeReference } from '../monitoring/reference.ts';
import { type Assessment, assess, assessTrust, devPart, type Trust } from '../prediction/assess.ts';
import { readBundle, writeBundle } from '../prediction/bundle.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import { type Collected, collectAnswers } from '../prediction/collect.ts';
import { modalitiesAlone } from '../prediction/modalities-alone.ts';
import type { ProductInput } from '../prediction/prediction.ts';
import { trainWidePart, type WidePart } from '../prediction/wide-part.ts';
import type { TrainingOutcome } from '../training/train-attributes.ts';
import type { AttuneConfig } from './config.ts';
import { FIGURES_FILE, writeFigures } from './figures-file.ts';
import { frozenWeights } from './frozen-encoders.ts';
import { modelCard } from './model-card.ts';
import type { TrainPlan } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { referenceOfTraining } from './reference-of-training.ts';
import { wholeTable } from './start.ts';
import {
  decoderFacts,
  decoderFolder,
  learnedOf,
  type TrainedDecoder,
  trainingCurve,
} from './train-decoder.ts';
import { eventsFolder, mediaFolder, pretrainedFolder, runFolder } from './train-member.ts';
import type { TrainedMembers } from './train-members.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainResult } from './train-result.ts';
import { VERSION } from './version.ts';

/** Judges the models that were trained, and writes the bundle with its report. */
export async function finishTraining(
  options: TrainOptions,
  catalog: Catalog,
  { prepared, outcomes, folder }: TrainedMembers,
  fingerprint: string,
  plan: TrainPlan,
  written: TrainedDecoder | undefined,
  rejects: string | undefined,
): Promise<TrainResult> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  const { spec, survey, start, others, lexicon, fields, reader } = prepared;
  const { adapter: _, ...unadapted } = spec;
  const { seed } = config.training;
  const encoder = openArchitecture(spec.encoder);
  const outcome = outcomes[0]!;
  const members: Map<string, Float32Array>[] = [];
  const adapters: LoraAdapter[] = [];
  for (const { weights: trained, unseenDecay } of outcomes) {
    const { weights, adapter } = withoutAdapter(spec, trained);
    if (adapter) adapters.push(adapter);
    const table = await wholeTable(weights.get(encoder.wordTable)!, spec, start, unseenDecay);
    members.push(new Map([...weights, [encoder.wordTable, table]]));
  }
  const whole = { ...asTrained(spec), vocabulary: undefined };
  const left = attributeModelParameters(whole).filter(({ name }) => !members[0]!.has(name));
  const frozen = await frozenWeights(
    spec,
    left.map(({ name }) => name),
    start,
    others.weights,
  );
  const content = {
    tokenizerFiles: start.tokenizerFiles,
    members: members as [Map<string, Float32Array>],
    lexicon: lexicon?.toData(),
    decoder: written?.part,
    file: {
      version: VERSION,
      name: '',
      model: { ...unadapted, vocabulary: undefined },
      attributes: survey.attributes.map(({ schema, decimal }) => ({ schema, decimal, trust: undefined })),
      decode: { spanThreshold: DEFAULT_DECODE.spanThreshold },
      config,
      fingerprint,
      metrics: { test: [], alone: [], thresholdMethod: '' },
    },
  };
  // What is judged is what was saved: the figures are those of the bundle, read back.
  const judged = join(runFolder(out), 'bundle');
  await writeBundle(judged, { ...content, wide: undefined, examples: [], texts: {} });
  const wide = await makeWidePart(options, judged, catalog, prepared);
  await writeBundle(judged, { ...content, wide, examples: [], texts: {} });
  const predictor = await BundlePredictor.open(await readBundle(judged), judgedWith(config, prepared));
  progress({ kind: 'stage', stage: 'Calibrating and testing', total: undefined });
  const collect = (side: 'dev' | 'test', part?: 'calibrate' | 'threshold') =>
    collectAnswers(
      predictor.answerer,
      reader,
      survey.attributes,
      catalog.products({ sides: [side] }),
      DEFAULT_DECODE,
      (product) => part === undefined || devPart(product, seed) === part,
    );
  let trust: Trust;
  let assessment: Assessment;
  let tested: readonly Collected[];
  let alone: readonly ModalityAlone[];
  try {
    trust = assessTrust(await collect('dev', 'calibrate'), await collect('dev', 'threshold'), {
      seed,
      defaultTarget: config.accept.precision,
      precisionTargets: config.accept.attributes,
    });
    tested = await collect('test');
    alone = await modalitiesAlone({
      spec,
      runner: predictor.runner,
      reader,
      attributes: survey.attributes.filter(({ schema }) => schema.kind !== 'generate'),
      products: () => catalog.products({ sides: ['test'] }),
    });
    assessment = assess(tested, trust, fields, seed);
  } finally {
    await predictor.close();
  }
  const results = assessment.evaluations.map(({ result }) => result);
  const curve = learnedOf(outcome, written);
  const gates = checkGates(results, config.gates);
  const report = renderReport({
    title: `Attune: ${config.data.path === undefined ? 'catalog' : [config.data.path].flat().join(', ')}`,
    facts: [...factsOf(plan, outcome), ...decoderFacts(prepared, written)],
    command: options.command,
    config: stringify(config),
    warnings: plan.warnings,
    training: trainingCurve(outcome, written),
    attributes: assessment.reports,
    alone,
    thresholdMethod: trust.method,
    gates,
  });
  const file = {
    ...content.file,
    model: whole,
    attributes: content.file.attributes.map((attribute) => ({
      ...attribute,
      trust: trust.attributes[attribute.schema.name],
    })),
    metrics: { test: results, alone, thresholdMethod: trust.method },
  };
  const read = await readBundle(judged);
  const reference = await referenceOfTraining(
    catalog,
    config,
    { ...read, file: { ...read.file, attributes: file.attributes } },
    judgedWith(config, prepared),
  );
  await writeBundle(out, {
    ...content,
    members: members.map((weights) => new Map([...weights, ...frozen])) as typeof content.members,
    wide,
    file,
    examples: examplesOf(tested),
    texts: {
      'report.html': report,
      'README.md': modelCard(file, plan, tested),
      [REFERENCE_FILE]: writeReference(reference),
      [FIGURES_FILE]: writeFigures(assessment.reports),
      ...options.notes,
    },
    files: others.files,
    events: eventsFolder(folder),
  });
  if (adapters[0] && config.training.pretrainEpochs === 0 && !options.continueFrom)
    await writeAdapter(join(out, 'adapter'), adaptedParameters(spec), adapters[0], config.model.text);
  await rm(runFolder(out), { recursive: true, force: true });
  await rm(pretrainedFolder(runFolder(out)), { recursive: true, force: true });
  await rm(mediaFolder(out), { recursive: true, force: true });
  await rm(decoderFolder(out), { recursive: true, force: true });
  return {
    finished: true,
    out,
    bestEpoch: curve.bestEpoch,
    history: curve.history,
    results,
    overall: overallScores(assessment.evaluations),
    alone,
    gates,
    rejects,
  };
}

/** The weights with the adapter added to the matrices that it stood beside, and the adapter by itself. */
function withoutAdapter(spec: AttributeModelSpec, trained: ReadonlyMap<string, Float32Array>) {
  if (spec.adapter === undefined) return { weights: trained, adapter: undefined };
  const base = adaptedParameters(spec);
  const names = new Set(loraParameters(base, spec.adapter).map(({ name }) => name));
  const own = [...trained].filter(([name]) => names.has(name));
  const adapter: LoraAdapter = { spec: spec.adapter, tensors: new Map(own) };
  const others = new Map([...trained].filter(([name]) => !names.has(name)));
  return { weights: mergeLora(others, base, adapter), adapter };
}

/** Beside the encoder as it was saved; the dev products that chose the epoch say how much each part counts. */
async function makeWidePart(
  options: TrainOptions,
  judged: string,
  catalog: Catalog,
  prepared: Prepared,
): Promise<WidePart | undefined> {
  const { config } = options;
  const { spec, reader } = prepared;
  const scored = spec.choices.length + spec.numbers.length;
  if (!config.model.wide || scored === 0 || spec.fields.length === 0) return undefined;
  options.progress?.({ kind: 'stage', stage: 'Training the wide part', total: undefined });
  const { seed } = config.training;
  const predictor = await BundlePredictor.open(await readBundle(judged), judgedWith(config, prepared));
  try {
    const keep = (product: Product) => devPart(product, seed) === 'stop';
    return await trainWidePart({
      spec,
      catalog,
      reader,
      runner: predictor.runner,
      keep,
      seed,
    });
  } finally {
    await predictor.close();
  }
}

/** As a bundle's predictor, with what the run has kept of pictures, sounds and frozen encoders' vectors. */
const judgedWith = (config: AttuneConfig, { media, text }: Prepared) => ({
  ...threadsOf(config),
  loaders: { loadMedia: media?.load, loadText: text?.load },
});

const threadsOf = ({ training }: AttuneConfig) =>
  training.threads === undefined ? {} : { threads: training.threads };

function factsOf(plan: TrainPlan, { bestEpoch, history }: TrainingOutcome) {
  return [
    {
      label: 'Products',
      value: `${plan.products.train} train, ${plan.products.dev} dev, ${plan.products.test} test`,
    },
    { label: 'Rows set aside', value: String(plan.rejected) },
    { label: 'Model', value: plan.start },
    { label: 'Best epoch', value: `${bestEpoch} of ${history.length}` },
    { label: 'Attune', value: VERSION },
  ];
}

const EXAMPLES = 8;
const EXAMPLE_CHARACTERS = 2000;

/** A few products for later checks of the model, those with several labels once. */
function examplesOf(tested: readonly Collected[]): readonly ProductInput[] {
  const products = new Map(
    tested.flatMap(({ products: rows }) => rows.map((product) => [product.id, product])),
  );
  return [...products.values()].slice(0, EXAMPLES).map(({ id, category, texts, table }) => ({
    id,
    ...(category === undefined ? {} : { category }),
    ...(table === undefined ? {} : { table }),
    texts: Object.fromEntries(
      Object.entries(texts).map(([field, text]) => [field, text.slice(0, EXAMPLE_CHARACTERS)]),
    ),
  }));
}
