/** A bundle's text encoder as a function from texts to vectors. */
import { Embedder } from '../prediction/embed.ts';
import type { EmbedTexts } from './observe-files.ts';

export async function embedWith(
  folder: string,
  threads: number | undefined,
): Promise<{ readonly embed: EmbedTexts; close(): Promise<void> }> {
  const embedder = await Embedder.open({
    checkpoint: folder,
    workers: 0,
    ...(threads === undefined ? {} : { threads }),
  });
  return {
    embed: async (texts) => {
      const vectors: Float32Array[] = [];
      for await (const batch of embedder.embed(texts)) for (const vector of batch) vectors.push(vector);
      return vectors;
    },
    close: () => embedder.close(),
  };
}
