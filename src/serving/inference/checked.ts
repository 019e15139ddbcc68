import type { z } from 'zod';
import { invalidRequest } from '../request-faults.ts';

/** @throws AttuneError `serving/invalid-request` */
export function checked<T extends z.ZodType>(contract: T, body: unknown): z.infer<T> {
  const parsed = contract.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues, contract, body, { at: 'The body' });
}
