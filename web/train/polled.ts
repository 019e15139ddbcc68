/** What changes by itself, asked for again and again while it does. */
import { useEffect } from 'react';
import { type Loaded, useAsked } from '../loaded.tsx';
import { mayPass } from '../service.ts';

const EVERY_MS = 1500;
/** The pause doubles with each question that is not answered, up to this. */
const MOST_MS = 30_000;

/** @param moves - whether it will change without anybody doing anything */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  moves: (value: T) => boolean,
): Loaded<T> {
  const { value, error, before, failures, reload } = useAsked(load);
  const passes = error !== undefined && mayPass(error);
  const again = passes || (value !== undefined && moves(value));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is followed by a question
  useEffect(() => {
    if (!again) return;
    const timer = setTimeout(reload, Math.min(MOST_MS, EVERY_MS * 2 ** failures));
    return () => clearTimeout(timer);
  }, [value, failures, again, reload]);
  if (passes && before !== undefined) return { value: before, error: undefined, reload, away: true };
  return { value, error, reload };
}
