/** What is kept of a run on disk, in its folder: what was asked, and what became of it. */
import { join } from 'node:path';
import { z } from 'zod';
import type { ProcessMark } from '../../base/process-life.ts';
import { RUN_STATES } from '../api/training.ts';
import { readJson, writeJson } from './json-file.ts';

const recordSchema = z.object({
  id: z.string(),
  model: z.string(),
  version: z.string(),
  state: z.enum(RUN_STATES),
  file: z.object({ id: z.string(), name: z.string() }),
  config: z.record(z.string(), z.unknown()),
  created: z.string(),
  /** When it was asked for last: runs take their turns by it. */
  asked: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  /** Whether it goes on with what was saved. */
  resume: z.boolean(),
  /** How far it came, once it has ended. */
  reached: z.object({
    stage: z.string().nullable(),
    step: z.int(),
    steps: z.int().nullable(),
    devScore: z.number().nullable(),
  }),
  problem: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  /** The process that trains, or did. */
  process: z.object({ pid: z.int(), begun: z.string() }).nullable(),
});

export type RunRecord = Readonly<z.infer<typeof recordSchema>> & { readonly process: ProcessMark | null };

export const NOWHERE: RunRecord['reached'] = { stage: null, step: 0, steps: null, devScore: null };

export const RECORD = 'run.json';

export async function readRecord(folder: string): Promise<RunRecord | undefined> {
  return recordSchema.safeParse(await readJson(join(folder, RECORD))).data;
}

export function writeRecord(folder: string, record: RunRecord): Promise<void> {
  return writeJson(join(folder, RECORD), record);
}
