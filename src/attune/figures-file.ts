/** `figures.json` of a bundle: what the report draws, as numbers for the page of the service. Its size does not grow with the catalog. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { topConfusions } from '../evaluation/metrics/confusion-matrix.ts';
import type { AttributeReport } from '../evaluation/report/report-data.ts';
import { worstSlices } from '../evaluation/slices/worst-slices.ts';
import { predictionError } from '../prediction/errors.ts';
import { type AttributeDetail, attributeDetailContract } from '../serving/api/figures.ts';

export const FIGURES_FILE = 'figures.json';

const FORMAT = 1;
const MOST_CONFUSIONS = 20;
const MOST_CHARACTERS = 200;

const fileContract = z.strictObject({
  format: z.literal(FORMAT),
  attributes: z.array(attributeDetailContract),
});

export function writeFigures(reports: readonly AttributeReport[]): string {
  return `${JSON.stringify({ format: FORMAT, attributes: reports.map(detailOf) })}\n`;
}

/**
 * @returns undefined where a bundle has no such file, as those of earlier versions
 * @throws prediction/bundle-invalid
 */
export async function readFigures(folder: string): Promise<readonly AttributeDetail[] | undefined> {
  const path = join(folder, FIGURES_FILE);
  try {
    return fileContract.parse(JSON.parse(await readFile(path, 'utf8'))).attributes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw predictionError('prediction/bundle-invalid', `${path} cannot be read.`, {
      cause,
      hint: 'Copy the whole folder again, or remove the file: only charts of the page are in it.',
    });
  }
}

/** @returns with six digits to each share */
export function detailOf({
  result,
  confusion,
  calibration,
  coverage,
  slices,
}: AttributeReport): AttributeDetail {
  return {
    attribute: result.attribute,
    products: result.count,
    calibration: calibration === undefined ? null : calibrationOf(calibration.after),
    coverage: coverage.map(({ threshold, coverage: share, precision, low, high }) => ({
      threshold: rounded(threshold),
      accepted: Math.round(share * result.count),
      precision: rounded(precision),
      interval: { low: rounded(low), high: rounded(high) },
    })),
    confusions:
      confusion === undefined
        ? null
        : {
            wrong: confusion.cells.reduce(
              (sum, [truth, answered, n]) => sum + (truth === answered ? 0 : n),
              0,
            ),
            pairs: topConfusions(confusion, MOST_CONFUSIONS).map(({ truth, predicted, count }) => ({
              truth: cut(truth),
              answered: cut(predicted),
              products: count,
            })),
          },
    slices: (slices === undefined ? [] : worstSlices(slices)).map(
      ({ slicing, slice, count, value, interval, flag }) => ({
        by: slicing,
        slice: cut(slice),
        products: count,
        accuracy: value === undefined ? null : rounded(value),
        interval:
          interval === undefined ? null : { low: rounded(interval.low), high: rounded(interval.high) },
        flag: flag ?? null,
      }),
    ),
  };
}

function calibrationOf({
  bins,
  calibrationError = 0,
  brier = 0,
}: NonNullable<AttributeReport['calibration']>['after']): AttributeDetail['calibration'] {
  return {
    error: rounded(calibrationError),
    brier: rounded(brier),
    bins: bins.map(({ count, meanConfidence, accuracy, interval }) => ({
      products: count,
      confidence: rounded(meanConfidence),
      right: rounded(accuracy),
      interval: { low: rounded(interval.low), high: rounded(interval.high) },
    })),
  };
}

/** An interval may end a rounding error beside 0 or 1. */
const rounded = (share: number): number => Number(Math.min(1, Math.max(0, share)).toFixed(6));

const cut = (text: string): string => [...text].slice(0, MOST_CHARACTERS).join('');
