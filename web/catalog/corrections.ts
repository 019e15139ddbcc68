/** What a person corrects of one product, and takes back. */
import { useState } from 'react';
import type { CorrectionAnswer } from '../../src/serving/api/records.ts';
import { ask } from '../service.ts';

export type Correction = {
  readonly attribute: string;
  /** Empty: not applicable. */
  readonly values: readonly string[];
  readonly unit: string | null;
  readonly who: string;
};

export type Corrections = {
  /** Resolves to whether it is in force. */
  readonly correct: (correction: Correction) => Promise<boolean>;
  /** Takes back what was corrected last, as often as there is something. */
  readonly undo: () => void;
  /** What would be taken back, in words. */
  readonly last: string | undefined;
  readonly busy: boolean;
  readonly error: unknown;
  /** What was done last, in words. */
  readonly said: string;
};

/** @param changed - called when something else is in force */
export function useCorrections(productId: string, changed: () => void): Corrections {
  const [done, setDone] = useState<
    readonly { readonly id: number; readonly who: string; readonly words: string }[]
  >([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [said, setSaid] = useState('');
  const work = async (step: () => Promise<string>): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    try {
      setSaid(await step());
      setError(undefined);
      changed();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const last = done.at(-1);
  return {
    correct: (correction) =>
      work(async () => {
        const { id } = await ask<CorrectionAnswer>('v1/corrections', {
          method: 'POST',
          body: { productId, ...correction },
        });
        const { attribute, values, who } = correction;
        const words = `${attribute}: ${values.join(', ') || 'not applicable'}`;
        setDone((before) => [...before, { id, who, words }]);
        return `${words}, in force now.`;
      }),
    undo: () =>
      void work(async () => {
        if (last === undefined) return '';
        await ask('v1/reviews:undo', { method: 'POST', body: { who: last.who, ids: [last.id] } });
        setDone((before) => before.slice(0, -1));
        return `Taken back: ${last.words}.`;
      }),
    last: last?.words,
    busy,
    error,
    said,
  };
}
