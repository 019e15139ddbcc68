/** `attune predict`: any number of rows through a bundle, streamed, resumable, the input's own columns kept. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type Progress, silent } from '../base/progress.ts';
import { type Catalog, type InputRow, openCatalog } from '../catalog/catalog.ts';
import { TableWriter } from '../catalog/output.ts';
import type { Row } from '../catalog/source.ts';
import type { SourceColumn } from '../catalog/source-columns.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { readBundle } from '../prediction/bundle.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import type { AttributePrediction, ProductPrediction } from '../prediction/prediction.ts';
import type { AttuneConfig } from './config.ts';

export type PredictFileOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  readonly files: readonly string[];
  /** CSV, TSV, JSONL or Parquet, by its name. */
  readonly out: string;
  readonly overwrite?: boolean;
  /** Character encoding of the files, where it is not the one of the training files. */
  readonly encoding?: string;
  readonly topK?: number;
  readonly threads?: number;
  readonly progress?: Progress;
  stopRequested?(): boolean;
};

export type PredictFileResult = {
  readonly rows: number;
  /** Rows that an earlier, stopped run had done. */
  readonly resumedRows: number;
  readonly rejected: number;
  readonly finished: boolean;
  /** Rows by attribute and status. */
  readonly statuses: Readonly<Record<string, Readonly<Record<AttributePrediction['status'], number>>>>;
};

/** Rows predicted together: sorted by length among themselves, so that little is padding. */
const WINDOW = 2048;

/**
 * A run that was stopped goes on where it was, when called again with the same rows, model and settings.
 * @throws prediction/bundle-missing, catalog/..., and what writing the output throws
 */
export async function predictFile(options: PredictFileOptions): Promise<PredictFileResult> {
  const progress = options.progress ?? silent;
  const bundle = await readBundle(options.model);
  const config = bundle.file.config as AttuneConfig;
  const catalog = await openCatalog({
    ...specOfConfig(config, { paths: options.files, split: false, labels: false, absent: 'skip' }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    progress,
  });
  const total = catalog.source.rowCount;
  for (const text of catalog.warnings) progress({ kind: 'warning', text });
  try {
    const columns = outputColumns(catalog.columns, bundle.file, options.topK ?? 0);
    const key = createHash('sha256')
      .update(JSON.stringify([bundle.file.fingerprint, inputsOf(catalog), options.topK ?? 0, total]))
      .digest('hex');
    const writer = await TableWriter.open(options.out, columns, {
      overwrite: options.overwrite ?? false,
      resume: key,
    });
    const predictor = await BundlePredictor.open(
      bundle,
      options.threads === undefined ? {} : { threads: options.threads },
    );
    const statuses: Record<string, Record<AttributePrediction['status'], number>> = Object.fromEntries(
      predictor.attributes.map(({ name }) => [name, { auto: 0, review: 0, abstain: 0 }]),
    );
    let finished = true;
    try {
      progress({ kind: 'stage', stage: 'Predicting', total });
      const continues = catalog.layout.kind === 'shopify';
      let window: InputRow[] = [];
      const flush = async () => {
        const rows = await predictRows(predictor, window, options.topK ?? 0, continues, statuses);
        await writer.write(rows);
        await writer.checkpoint();
        progress({ kind: 'advance', done: writer.rows });
        window = [];
      };
      for await (const chunk of catalog.rows(writer.resumedRows)) {
        for (const row of chunk) {
          window.push(row);
          if (window.length === WINDOW) await flush();
        }
        if (options.stopRequested?.()) {
          finished = false;
          break;
        }
      }
      if (finished && window.length > 0) await flush();
      if (finished) await writer.commit();
      else await writer.abort();
    } catch (cause) {
      await writer.abort();
      throw cause;
    } finally {
      await predictor.close();
    }
    const rejected = Object.values(catalog.rejectCounts).reduce((a: number, b) => a + (b ?? 0), 0);
    return { rows: writer.rows, resumedRows: writer.resumedRows, rejected, finished, statuses };
  } finally {
    catalog.close();
  }
}

/** What tells the files from others of the same names. */
function inputsOf({ source }: Catalog): readonly unknown[] {
  return source.files.map(({ path }) => {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  });
}

/** @param continues - whether a row without a product is a further row of the product above it, and stays empty */
async function predictRows(
  predictor: BundlePredictor,
  rows: readonly InputRow[],
  topK: number,
  continues: boolean,
  statuses: Record<string, Record<AttributePrediction['status'], number>>,
): Promise<Row[]> {
  const asked = continues ? rows.filter(({ product }) => product !== undefined) : rows;
  const products = asked.map(({ product }) => ({
    ...(product ? { id: product.id as string } : {}),
    ...(product?.category === undefined ? {} : { category: product.category }),
    texts: product?.texts ?? {},
  }));
  const predictions = await predictor.predict(products, { topK });
  const predicted = new Map(asked.map(({ index }, i) => [index, predictions[i]!]));
  return rows.map(({ index, own }) => {
    const prediction = predicted.get(index);
    if (prediction === undefined) return { ...own };
    for (const [name, { status }] of Object.entries(prediction.attributes)) statuses[name]![status]++;
    return { ...own, ...outputCells(prediction, topK) };
  });
}

const CELLS = ['value', 'confidence', 'status', 'evidence'] as const;
const columnOf = (attribute: string, cell: (typeof CELLS)[number] | 'alternatives') =>
  cell === 'value' ? `predicted_${attribute}` : `predicted_${attribute}_${cell}`;

/** The input's own columns, then four or five for each attribute, then the attributes that are missing. */
function outputColumns(
  own: readonly SourceColumn[],
  { attributes }: BundleFile,
  topK: number,
): readonly SourceColumn[] {
  return [
    ...own,
    ...attributes.flatMap(({ schema }) => [
      { name: columnOf(schema.name, 'value'), type: schema.kind === 'number' ? 'DOUBLE' : 'VARCHAR' },
      { name: columnOf(schema.name, 'confidence'), type: 'DOUBLE' },
      { name: columnOf(schema.name, 'status'), type: 'VARCHAR' },
      { name: columnOf(schema.name, 'evidence'), type: 'VARCHAR' },
      ...(topK > 0 ? [{ name: columnOf(schema.name, 'alternatives'), type: 'VARCHAR' }] : []),
    ]),
    { name: 'missing_attributes', type: 'VARCHAR' },
  ];
}

function outputCells({ attributes, missing }: ProductPrediction, topK: number): Row {
  const cells: Record<string, unknown> = {};
  for (const [name, { value, confidence, status, evidence, alternatives }] of Object.entries(attributes)) {
    cells[columnOf(name, 'value')] = Array.isArray(value)
      ? value.length > 0
        ? JSON.stringify(value)
        : null
      : value;
    cells[columnOf(name, 'confidence')] = Math.round(confidence * 1e4) / 1e4;
    cells[columnOf(name, 'status')] = status;
    cells[columnOf(name, 'evidence')] = evidence.length > 0 ? JSON.stringify(evidence) : null;
    if (topK > 0) cells[columnOf(name, 'alternatives')] = JSON.stringify(alternatives);
  }
  return { ...cells, missing_attributes: missing.length > 0 ? missing.join(';') : null };
}
