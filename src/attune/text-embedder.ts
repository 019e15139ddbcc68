import { basename, resolve } from 'node:path';
import { Embedder } from '../prediction/embed.ts';
import type { TextEmbedder } from '../serving/text-embedder.ts';
import type { OpenModelOptions } from './served-models.ts';

/** @param folder - a Hugging Face folder, which a bundle is too @throws models/... */
export async function openEmbedder(
  folder: string,
  { threads, precision }: OpenModelOptions,
): Promise<TextEmbedder> {
  const embedder = await Embedder.open({
    checkpoint: folder,
    ...(threads === undefined ? {} : { threads }),
    ...(precision === undefined ? {} : { precision }),
  });
  return {
    name: basename(resolve(folder)),
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for await (const part of embedder.embed(texts)) {
        signal.throwIfAborted();
        vectors.push(...part);
      }
      return vectors;
    },
    close: () => embedder.close(),
  };
}
