import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import { attributeReport } from '../evaluation/report/attribute-report.ts';
import { attributeDetailContract } from '../serving/api/figures.ts';
import { detailOf, FIGURES_FILE, readFigures, writeFigures } from './figures-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-figures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `rows` products of as many confidences, one in four answered wrongly, in `categories` categories. */
function reportOf(rows: number, categories: number) {
  const each = Array.from({ length: rows }, (_, row) => row);
  const answers = {
    attribute: 'colour',
    kind: 'choice' as const,
    truth: each.map((row) => [`colour ${row % 50} ${'x'.repeat(300)}`]),
    predicted: each.map((row) => [
      row % 4 === 0 ? `colour ${(row + 1) % 50}` : `colour ${row % 50} ${'x'.repeat(300)}`,
    ]),
    confidences: each.map((row) => (row + 1) / rows),
  };
  return attributeReport({
    answers,
    evaluation: evaluateAttribute(answers, { seed: 1, threshold: 0.5, resamples: 10 }),
    rawConfidences: answers.confidences,
    calibration: { calibrator: { method: 'identity' }, reason: '', count: rows, candidates: [] },
    autoAccept: undefined,
    slicings: [{ name: 'category', values: each.map((row) => `${'c'.repeat(500)} ${row % categories}`) }],
    product: (row) => ({ product: String(row), category: undefined, texts: [] }),
  });
}

it('keeps what the page draws of an attribute in lists that do not grow with the products', () => {
  const detail = detailOf(reportOf(4000, 300));
  expect(attributeDetailContract.parse(detail)).toEqual(detail);
  expect(detail.coverage).toHaveLength(60);
  expect(detail.coverage.at(-1)).toMatchObject({ accepted: 4000, precision: 0.75 });
  expect(detail.confusions).toMatchObject({ wrong: 1000 });
  expect(detail.confusions?.pairs).toHaveLength(20);
  expect(detail.calibration?.bins).toHaveLength(10);
  expect(detail.slices).toHaveLength(15);
  expect(JSON.stringify(detail).length).toBeLessThan(25_000);
});

it('reads what it wrote, says where there is nothing, and refuses what is damaged', async () => {
  const reports = [reportOf(40, 2), reportOf(0, 1)];
  expect(await readFigures(folder)).toBeUndefined();
  await writeFile(join(folder, FIGURES_FILE), writeFigures(reports));
  expect(await readFigures(folder)).toEqual(reports.map(detailOf));
  await writeFile(join(folder, FIGURES_FILE), '{"format": 9}');
  await expect(readFigures(folder)).rejects.toMatchObject({ code: 'prediction/bundle-invalid' });
});
