/** What the monitoring found, check by check, and the alerts that it raised. */
import { z } from 'zod';
import { TEST_NAMES } from '../../monitoring/drift/report.ts';
import { MODALITIES } from '../../monitoring/summary/field.ts';
import { SEVERITIES } from '../../store/tables.ts';
import { ALERT_STATES } from '../../store/vocabulary.ts';

const share = z.number().min(0).max(1);
const interval = z.strictObject({ accuracy: share, low: share, high: share });
const page = {
  before: z.coerce
    .number<string>()
    .int()
    .min(1)
    .optional()
    .describe('The id of the last one of the page before.'),
};

export const driftTestContract = z.strictObject({
  field: z.string(),
  modality: z.enum(MODALITIES),
  slice: z
    .strictObject({ name: z.string(), value: z.string() })
    .nullable()
    .describe('The part of the rows that was compared; null for all.'),
  aspect: z
    .enum(['content', 'length', 'words', 'missing'])
    .describe(
      '`missing`: how often the field is empty; `length`, `words`: of texts; `content`: of all else.',
    ),
  test: z.enum(TEST_NAMES),
  statistic: z
    .number()
    .describe(
      'A distance for `wasserstein` (in standard deviations) and `jensen-shannon`, an area for `domain-classifier`, else p.',
    ),
  threshold: z
    .number()
    .describe(
      'Beyond it the statistic speaks of drift: below it for p values, at or above it for the others.',
    ),
  pValue: share.describe('Corrected for all tests of the report.'),
  drifted: z.boolean(),
  changes: z
    .array(z.strictObject({ value: z.string(), before: share, now: share }))
    .describe('Values that became more or less frequent: shares before and now.'),
  rows: z.array(z.string()).describe('Products that contributed most.'),
});

export const watchedAttributeContract = z.strictObject({
  attribute: z.string(),
  tested: share.nullable().describe('Accuracy on the test products when the model was trained.'),
  before: share
    .nullable()
    .describe('What the confidences promised then, on products the model was not trained on.'),
  expected: interval.nullable().describe('What the confidences promise now, without labels; a 95% interval.'),
  reviewed: interval
    .extend({ reviews: z.int().min(1) })
    .nullable()
    .describe('What people found, weighted by the chance with which they were asked; a 95% interval.'),
});

export const raisedAlertContract = z.strictObject({
  rule: z.string(),
  signal: z.string(),
  figure: z.number(),
  threshold: z.number(),
  message: z.string(),
});

export const monitoringReportContract = z.strictObject({
  referenceRows: z.int().min(0),
  currentRows: z.int().min(0),
  testsRun: z.int().min(0),
  testsDrifted: z.int().min(0),
  tests: z
    .array(driftTestContract)
    .describe('Drifted ones first, then by p; the first 100, each with at most five changes and rows.'),
  accuracy: z.array(watchedAttributeContract),
  alerts: z.array(raisedAlertContract),
  notes: z.array(z.string()).describe('What could not be compared, read or delivered.'),
});

export const monitoringQueryContract = z.strictObject({
  model: z.string().min(1).max(256).optional(),
  ...page,
  limit: z.coerce.number<string>().int().min(1).max(100).optional().describe('20 when left out.'),
});

export const monitoringContract = z.strictObject({
  reports: z
    .array(
      monitoringReportContract.extend({
        id: z.int(),
        at: z.iso.datetime(),
        model: z.string(),
        version: z.string(),
      }),
    )
    .describe('Latest first.'),
  models: z.array(z.string()).describe('All that were ever checked, by name.'),
});

export const alertQueryContract = z.strictObject({
  state: z.enum(ALERT_STATES).optional(),
  ...page,
  limit: z.coerce.number<string>().int().min(1).max(1000).optional().describe('100 when left out.'),
});

export const alertContract = z.strictObject({
  id: z.int(),
  at: z.iso.datetime(),
  monitor: z.string().describe('The signal that was judged, such as `drift/title words`.'),
  severity: z.enum(SEVERITIES),
  title: z.string().describe('One sentence.'),
  details: z.record(z.string(), z.unknown()).describe('The figures behind it.'),
  state: z.enum(ALERT_STATES),
  who: z.string().nullable().describe('Who changed the state last.'),
  changed: z.iso.datetime(),
});
export const alertsContract = z.strictObject({ alerts: z.array(alertContract).describe('Latest first.') });

export const alertPathContract = z.strictObject({
  id: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(2 ** 53 - 1),
});
export const alertStateContract = z.strictObject({
  state: z.enum(ALERT_STATES),
  who: z.string().min(1).max(256).optional().describe('The person; the key when left out.'),
});

export type MonitoringReport = z.infer<typeof monitoringReportContract>;
export type AlertAnswer = z.infer<typeof alertContract>;
export type MonitoringAnswer = z.infer<typeof monitoringContract>;
