/** What computes vectors: a model in this thread, or threads with a model each. */
import { EmbedModel, type EmbedModelOptions, type Vectors } from './embed-model.ts';
import { Thread } from './thread.ts';

export interface EmbedRunner {
  /** Lists of texts that are not answered yet. */
  readonly load: number;
  do(texts: readonly string[]): Promise<Vectors>;
  close(): Promise<void>;
}

/** @param workers - 0 for this thread, which the model blocks while it computes */
export async function openRunners(
  workers: number,
  options: EmbedModelOptions,
): Promise<readonly EmbedRunner[]> {
  if (workers > 0) return Thread.start(workers, new URL('./embed-worker.js', import.meta.url), options);
  const model = await EmbedModel.open(options);
  return [
    {
      load: 0,
      do: async (texts) => ({ width: model.width, vectors: await model.embed(texts) }),
      close: () => model.close(),
    },
  ];
}
