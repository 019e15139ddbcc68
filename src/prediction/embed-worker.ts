/** The thread of one `EmbedModel`; `embed.ts` starts it and speaks to it. */
import { workerData } from 'node:worker_threads';
import { EmbedModel, type EmbedModelOptions, type Vectors } from './embed-model.ts';
import { openDoor } from './thread-door.ts';

openDoor<EmbedModel, readonly string[], Vectors>(
  EmbedModel.open(workerData as EmbedModelOptions),
  async (model, texts) => {
    const vectors = await model.embed(texts);
    return { result: { width: model.width, vectors }, transfer: [vectors.buffer as ArrayBuffer] };
  },
);
