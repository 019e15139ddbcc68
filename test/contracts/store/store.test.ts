/** One contract for both backends. */
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import {
  alertsSuite,
  keysSuite,
  modelsSuite,
  monitorReportsSuite,
  rolesSuite,
} from './administration.suite.ts';
import { archiveSuite } from './archive.suite.ts';
import { BACKENDS, type OpenedStore } from './backends.ts';
import { type Bench, emptied } from './bench.ts';
import { picturesSuite } from './pictures.suite.ts';
import { positionsSuite } from './positions.suite.ts';
import { predictionsSuite } from './predictions.suite.ts';
import { productsSuite } from './products.suite.ts';
import { auditSuite, eventsSuite, idempotencySuite, retentionSuite, runsSuite } from './records.suite.ts';
import { reviewsSuite } from './reviews.suite.ts';
import { valuesSuite } from './values.suite.ts';
import { vectorsSuite } from './vectors.suite.ts';
import { workSuite } from './work.suite.ts';

for (const { name, skipped, open } of BACKENDS) {
  const title = skipped === undefined ? name : `${name}, skipped: ${skipped}`;
  describe.skipIf(skipped !== undefined)(`the store on ${title}`, () => {
    let opened: OpenedStore;
    let time = Date.parse('2026-03-01T12:00:00Z');
    const bench: Bench = {
      get store() {
        return opened.store;
      },
      get address() {
        return opened.address;
      },
      now: () => new Date(time),
      pass: (seconds) => {
        time += seconds * 1000;
      },
    };
    beforeAll(async () => {
      opened = await open(() => new Date(time));
    }, 600_000);
    afterAll(() => opened?.remove());
    beforeEach(() => emptied(opened.store));

    productsSuite(bench);
    valuesSuite(bench);
    predictionsSuite(bench);
    reviewsSuite(bench);
    modelsSuite(bench);
    rolesSuite(bench);
    keysSuite(bench);
    alertsSuite(bench);
    monitorReportsSuite(bench);
    runsSuite(bench);
    eventsSuite(bench);
    auditSuite(bench);
    idempotencySuite(bench);
    workSuite(bench);
    picturesSuite(bench);
    positionsSuite(bench);
    vectorsSuite(bench);
    retentionSuite(bench);
    archiveSuite(bench);
  });
}
