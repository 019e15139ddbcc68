/** What a page shows while it waits for the service, and when that fails. */
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { KeyForm } from './key-form.tsx';
import { Refused, wordsOf } from './service.ts';

export type Loaded<T> = {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
  /** Whether the value is from before, since the service does not answer; it is asked again by itself. */
  readonly away?: boolean;
};

type Asked<T> = Loaded<T> & {
  /** The last value, where an error came after it. */
  readonly before: T | undefined;
  /** Errors since the last value. */
  readonly failures: number;
};

/** @param load - kept between renders (`useCallback`); called again when it changes, the call before is aborted */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const { value, error, reload } = useAsked(load);
  return { value, error, reload };
}

/** The same, with what was known before it failed. */
export function useAsked<T>(load: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [state, setState] = useState<State<T>>({ load, failures: 0 });
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    const gone = new AbortController();
    load(gone.signal).then(
      (value) => !gone.signal.aborted && setState({ load, value, failures: 0 }),
      (error: unknown) =>
        !gone.signal.aborted &&
        setState(({ load: earlier, value, before = value, failures }) =>
          earlier === load
            ? { load, error, before, failures: failures + 1 }
            : { load, error, before: undefined, failures: 1 },
        ),
    );
    return () => gone.abort();
  }, [load, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const { value, error, before, failures } = state;
  return { value, error, before, failures, reload };
}

type State<T> = {
  /** What it is the answer to. */
  readonly load: (signal: AbortSignal) => Promise<T>;
  readonly value?: T;
  readonly error?: unknown;
  readonly before?: T | undefined;
  readonly failures: number;
};

export function Waiting<T>({
  loaded: { value, error, reload, away = false },
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
  return (
    <>
      {away ? (
        <p role="status" className="note">
          The service does not answer. It is asked again; what stands here is from before.
        </p>
      ) : null}
      {children(value)}
    </>
  );
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
