/** The thread of one `EmbedModel`; `embed-pool.ts` starts it and speaks to it. */
import { parentPort, workerData } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import { EmbedModel, type EmbedModelOptions } from './embed-model.ts';

/** `texts` undefined asks only whether the model is ready. */
export type EmbedRequest = { readonly id: number; readonly texts: readonly string[] | undefined };
export type EmbedReply =
  | { readonly id: number; readonly width: number; readonly vectors: Float32Array }
  | { readonly id: number; readonly failure: Failure };

/** An error as plain data: an `AttuneError` keeps its code through the thread's door. */
export type Failure = {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
};

const port = parentPort!;
const opening = EmbedModel.open(workerData as EmbedModelOptions);
opening.catch(() => {});

let turn: Promise<void> = Promise.resolve();
port.on('message', (request: EmbedRequest) => {
  turn = turn.then(() => answer(request));
});

async function answer({ id, texts }: EmbedRequest): Promise<void> {
  try {
    const model = await opening;
    const vectors = texts === undefined ? new Float32Array(0) : await model.embed(texts);
    port.postMessage({ id, width: model.width, vectors } satisfies EmbedReply, [
      vectors.buffer as ArrayBuffer,
    ]);
  } catch (error) {
    port.postMessage({ id, failure: failureOf(error) } satisfies EmbedReply);
  }
}

function failureOf(error: unknown): Failure {
  const known = error instanceof AttuneError;
  return {
    code: known ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
    hint: known ? error.hint : undefined,
  };
}
