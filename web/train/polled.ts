/** What changes by itself, asked for again and again while it does. */
import { useEffect } from 'react';
import { type Loaded, useLoaded } from '../loaded.tsx';

const EVERY_MS = 1500;

/** @param moves - whether it will change without anybody doing anything */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  moves: (value: T) => boolean,
): Loaded<T> {
  const loaded = useLoaded(load);
  const { value, reload } = loaded;
  const again = value !== undefined && moves(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is followed by a question
  useEffect(() => {
    if (!again) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [value, again, reload]);
  return loaded;
}
