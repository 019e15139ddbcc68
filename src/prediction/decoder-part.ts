/** The decoder of a bundle: a GPT-2 folder inside it, which transformers loads as it is. */
import { join } from 'node:path';
import { State } from '../graph/state.ts';
import type { TokenizerFiles } from '../models/checkpoint/tokenizer-files.ts';
import { CausalSession } from '../models/generation/causal-session.ts';
import { readDecoder, writeDecoder } from '../models/generation/decoder-checkpoint.ts';
import { PromptWriter } from '../models/generation/prompt.ts';
import type { GeneratorSpec } from '../models/generation/spec.ts';
import { TextWriter } from '../models/generation/text-writer.ts';

/** Folder of the decoder in a bundle. */
export const DECODER_FOLDER = 'decoder';

export type DecoderPart = {
  readonly spec: GeneratorSpec;
  readonly tokenizerFiles: TokenizerFiles;
  readonly weights: ReadonlyMap<string, Float32Array>;
};

/** @param folder - of the bundle that is being made */
export function writeDecoderPart(
  folder: string,
  { spec, tokenizerFiles, weights }: DecoderPart,
): Promise<void> {
  return writeDecoder(join(folder, DECODER_FOLDER), {
    config: spec.decoder,
    tokenizerFiles,
    read: (name) => weights.get(name)!,
  });
}

export type OpenWriter = { readonly writer: TextWriter; close(): Promise<void> };

/** Loads the decoder of a bundle. It computes in fp32 whatever the precision of the rest. */
export async function openWriter(
  folder: string,
  spec: GeneratorSpec,
  {
    threads,
    maxTokensPerBatch,
  }: { readonly threads: number | undefined; readonly maxTokensPerBatch: number },
): Promise<OpenWriter> {
  const { encoder, weights, tokenizer } = await readDecoder(join(folder, DECODER_FOLDER));
  const state = new State();
  for (const { name, shape } of encoder.parameters) state.set(name, shape, await weights.read(name));
  const model = await CausalSession.open(spec.decoder, state, threads === undefined ? {} : { threads });
  const prompts = new PromptWriter(spec, tokenizer);
  return {
    writer: new TextWriter({ prompts, model, maxTokensPerBatch }),
    close: () => model.close(),
  };
}
