/** What a page shows while it waits for the service, and when that fails. */
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { KeyForm } from './key-form.tsx';
import { Refused, wordsOf } from './service.ts';

export type Loaded<T> = {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
};

/** @param load - kept between renders (`useCallback`); called again when it changes, the call before is aborted */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: unknown }>({});
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    const gone = new AbortController();
    load(gone.signal).then(
      (value) => !gone.signal.aborted && setState({ value }),
      (error: unknown) => !gone.signal.aborted && setState({ error }),
    );
    return () => gone.abort();
  }, [load, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { value: state.value, error: state.error, reload };
}

export function Waiting<T>({
  loaded: { value, error, reload },
  waiting = 'Loading …',
  children,
}: {
  readonly loaded: Loaded<T>;
  /** What is said meanwhile. */
  readonly waiting?: string;
  readonly children: (value: T) => ReactNode;
}) {
  if (error !== undefined) return <Failed error={error} again={reload} />;
  if (value === undefined) return <p role="status">{waiting}</p>;
  return children(value);
}

export function Failed({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  if (error instanceof Refused && error.code === 'serving/key-needed')
    return <KeyForm given={again ?? (() => {})} />;
  return (
    <div className="problem" role="alert">
      <p>{wordsOf(error)}</p>
      {again === undefined ? null : (
        <button type="button" className="quiet" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
