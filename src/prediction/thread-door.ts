/** The inside of a thread that holds a model: tasks come in one at a time, results or failures go out. `thread.ts` is outside. */
import { parentPort, type Transferable } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';

/** Told to a thread that is to end: after what it computes now, without what still waits. */
export const END = 'end';

/** A task of undefined asks only whether the model is ready. */
export type Request = { readonly id: number; readonly task: unknown };
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as plain data: an `AttuneError` keeps its code through the door. */
export type Failure = {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
};

export type Answer<Result> = { readonly result: Result; readonly transfer?: Transferable[] };

/** @param opening - the model; @param work - what is done with it and a task; tasks wait for each other */
export function openDoor<Model, Task, Result>(
  opening: Promise<Model>,
  work: (model: Model, task: Task) => Promise<Answer<Result>>,
): void {
  const port = parentPort!;
  // Whoever asks first is told of a failure.
  opening.catch(() => {});
  let turn: Promise<void> = Promise.resolve();
  let ending = false;
  port.on('message', (message: Request | typeof END) => {
    if (message === END) {
      ending = true;
      turn = turn
        .then(() =>
          opening.then(
            () => {},
            () => {},
          ),
        )
        .then(() => process.exit());
      return;
    }
    const { id, task } = message;
    turn = turn.then(async () => {
      if (ending) return;
      try {
        const model = await opening;
        const { result, transfer } =
          task === undefined ? { result: undefined } : await work(model, task as Task);
        port.postMessage({ id, result } satisfies Reply, transfer ?? []);
      } catch (error) {
        port.postMessage({ id, failure: failureOf(error) } satisfies Reply);
      }
    });
  });
}

function failureOf(error: unknown): Failure {
  const known = error instanceof AttuneError;
  return {
    code: known ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
    hint: known ? error.hint : undefined,
  };
}
