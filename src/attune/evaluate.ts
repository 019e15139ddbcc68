/** `attune evaluate`: a trained model's figures on products whose labels are known. */
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { type Progress, silent } from '../base/progress.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { overallScores } from '../evaluation/evaluate-attribute.ts';
import { checkGates, type GateOutcome } from '../evaluation/gates/check-gates.ts';
import { renderReport } from '../evaluation/report/render-report.ts';
import { assess, type Trust } from '../prediction/assess.ts';
import { readBundle } from '../prediction/bundle.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import { collectAnswers } from '../prediction/collect.ts';
import { predictionError } from '../prediction/errors.ts';
import type { Precision } from '../prediction/precision.ts';
import { unwritable } from '../prediction/unwritable.ts';
import { LabelReader } from '../training/labelled.ts';
import { completedBy, type EventOptions, encodingOf, openBehaviour, requireBehaviour } from './behaviour.ts';
import type { AttuneConfig } from './config.ts';
import { type AttributeSuspects, SUSPECT_VALUES, suspectsOf } from './suspects.ts';
import { tellPrecision } from './tell-precision.ts';
import { trainedOn } from './trained-on.ts';
import { UnreadFiles } from './unread-files.ts';
import { VERSION } from './version.ts';

export type EvaluateFileOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  /** Files laid out as the training files were, labels in them. */
  readonly files: readonly string[];
  /** Character encoding of the files, where it is not the one of the training files. */
  readonly encoding?: string;
  /** Text input -> the file that it stands in, in place of the one that training read (`inputs.NAME.path`). */
  readonly textFiles?: Readonly<Record<string, string>>;
  /** The event log, the shopper profiles and the time of the prediction, where they are not those of training. */
  readonly behaviour?: EventOptions;
  /** Whether labels that the model doubts are wanted too. */
  readonly suspects?: boolean;
  /** Where to write a report like that of training, as HTML. */
  readonly report?: string;
  readonly threads?: number;
  /** fp32 when left out. */
  readonly precision?: Precision;
  readonly progress?: Progress;
  /** The command that makes the figures again, for the report. */
  readonly command?: string;
};

export type EvaluateFileResult = {
  /** Products that have a label. */
  readonly products: number;
  /** Rows that could not be used. */
  readonly rejected: number;
  readonly results: readonly AttributeResult[];
  readonly overall: ReturnType<typeof overallScores>;
  /** Of the bundle's config. */
  readonly gates: readonly GateOutcome[];
  readonly warnings: readonly string[];
  /** By attribute, where they were wanted. */
  readonly suspects?: readonly AttributeSuspects[];
};

/**
 * Figures at the bundle's own thresholds. Whether the products were among those it was trained on is for the caller to
 * know: figures on training products are flattering.
 * @throws prediction/bundle-missing, prediction/no-labels, catalog/...
 */
export async function evaluateFile(options: EvaluateFileOptions): Promise<EvaluateFileResult> {
  const progress = options.progress ?? silent;
  const { model, files, textFiles, threads, precision, encoding } = options;
  const bundle = await readBundle(model);
  const config = bundle.file.config as AttuneConfig;
  const eventOptions = options.behaviour ?? {};
  requireBehaviour(config, eventOptions);
  const fields = bundle.file.model.fields.map(({ name }) => name);
  progress({ kind: 'stage', stage: 'Reading the catalog', total: undefined });
  const catalog = await openCatalog({
    ...specOfConfig(config, {
      paths: files,
      textFiles,
      at: eventOptions.at === undefined && eventOptions.events !== false,
      split: false,
      absent: 'skip',
    }),
    ...(encoding === undefined ? {} : { encoding }),
    progress,
  });
  let behaviour: Awaited<ReturnType<typeof openBehaviour>>;
  try {
    behaviour = await openBehaviour({
      ...eventOptions,
      config,
      ...encodingOf(bundle.file),
      products: () => catalog.products(),
      progress,
    });
    if (behaviour) catalog.completeWith(completedBy(behaviour.store));
    tellPrecision(bundle, precision, progress);
    const predictor = await BundlePredictor.open(bundle, {
      ...(threads === undefined ? {} : { threads }),
      ...(precision === undefined ? {} : { precision }),
    });
    try {
      progress({ kind: 'stage', stage: 'Evaluating', total: undefined });
      const reader = new LabelReader(bundle.file.attributes, fields, {
        media: predictor.mediaFields.map(({ name }) => name),
        table: predictor.tableFields,
      });
      const unread = new UnreadFiles();
      const collected = await collectAnswers(
        unread.watching(predictor.answerer),
        reader,
        bundle.file.attributes,
        catalog.products(),
        { topK: options.suspects ? SUSPECT_VALUES : 0, spanThreshold: bundle.file.decode.spanThreshold },
      );
      const products = new Set(
        collected.flatMap((rows) => rows.products.map(({ source }) => `${source.file}:${source.row}`)),
      );
      if (products.size === 0) throw noLabels(bundle.file, files);
      const { evaluations, reports } = assess(collected, trustOf(bundle.file), fields, config.training.seed);
      const results = evaluations.map(({ result }) => result);
      const gates = checkGates(results, config.gates);
      const warnings = [
        ...catalog.warnings,
        ...(behaviour?.warnings ?? []),
        ...unread.warnings,
        ...[...reader.unreadable].map(
          ([attribute, { count, example }]) =>
            `${count} labels of ${attribute} could not be read and are not counted, e.g. ${example}.`,
        ),
        ...[...reader.rare].map(
          ([attribute, { count, example }]) =>
            `${count} labels of ${attribute} are of values that the model did not learn, e.g. "${example}". They count as missed.`,
        ),
      ];
      for (const text of warnings) progress({ kind: 'warning', text });
      const rejected = Object.values(catalog.rejectCounts).reduce((a: number, b) => a + (b ?? 0), 0);
      if (options.report !== undefined) {
        const html = renderReport({
          title: `Attune: ${bundle.file.name} on ${files.join(', ')}`,
          facts: [
            { label: 'Model', value: `${model} (${bundle.file.fingerprint})` },
            { label: 'Products with labels', value: String(products.size) },
            { label: 'Rows set aside', value: String(rejected) },
            { label: 'Attune', value: VERSION },
          ],
          command: options.command,
          config: stringify(config),
          warnings,
          training: undefined,
          attributes: reports,
          thresholdMethod: bundle.file.metrics.thresholdMethod,
          gates,
        });
        await writeFile(options.report, html).catch((cause) => {
          throw unwritable(options.report!, cause);
        });
      }
      return {
        products: products.size,
        rejected,
        results,
        overall: overallScores(evaluations),
        gates,
        warnings,
        ...(options.suspects ? { suspects: suspectsOf(collected, await trainedOn(bundle.folder)) } : {}),
      };
    } finally {
      await predictor.close();
    }
  } finally {
    behaviour?.close();
    catalog.close();
  }
}

/** @throws prediction/bundle-invalid where the training run did not get to its thresholds */
function trustOf({ attributes, metrics, name }: BundleFile): Trust {
  return {
    method: metrics.thresholdMethod,
    attributes: Object.fromEntries(
      attributes.map(({ schema, trust }) => {
        if (trust === undefined)
          throw predictionError(
            'prediction/bundle-invalid',
            `The model ${name} has no calibration of ${schema.name}.`,
            { hint: 'Train it again.' },
          );
        return [schema.name, trust];
      }),
    ),
  };
}

function noLabels({ attributes }: BundleFile, files: readonly string[]) {
  const names = attributes.map(({ schema }) => schema.name).join(', ');
  return predictionError(
    'prediction/no-labels',
    `No product of ${files.join(', ')} has a label for any of ${names}, so there is nothing to compare with.`,
    { hint: 'Evaluate on a file with the columns of the training file; to fill them, use `attune predict`.' },
  );
}
