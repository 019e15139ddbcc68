/**
 * Tokens that a GPT-2 of random weights writes in a second: with a cache of keys and values, without one (the whole text is
 * read again for each token), and as transformers' `generate` writes them from the same weights' sizes.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Random } from '../src/base/random.ts';
import { State } from '../src/graph/state.ts';
import { openArchitecture } from '../src/models/architectures/registry.ts';
import {
  CausalSession,
  type Continuation,
  type LanguageModel,
} from '../src/models/generation/causal-session.ts';
import { decodeTexts } from '../src/models/generation/decoding.ts';
import { initialValues } from '../src/models/layers/parameters.ts';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { inTurn, Peer } from './runner/peer.ts';

export const OPTIONS: OwnOptions = {
  rounds: 'counted turns of each side (default 3)',
  threads: 'threads of both sides (default one a core)',
  tokens: 'new tokens of a text (default 32)',
  size: '`gpt2` for the sizes of the published small GPT-2 (default), `small` for those of a decoder from nothing',
  quick: '`yes` for a tiny model and one turn, to see that it works',
};

const SIZES = {
  gpt2: { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 },
  small: { vocab_size: 8000, n_positions: 320, n_embd: 192, n_layer: 4, n_head: 6 },
  tiny: { vocab_size: 100, n_positions: 64, n_embd: 32, n_layer: 1, n_head: 2 },
} as const;

/** Prompts decoded together, and their tokens. */
const ROWS = 8;
const PROMPT = 64;

export async function run({ own, python, say }: BenchOptions): Promise<readonly Figure[]> {
  const quick = own.quick === 'yes';
  const size = quick ? SIZES.tiny : own.size === 'small' ? SIZES.small : SIZES.gpt2;
  const rounds = Number(own.rounds ?? (quick ? 1 : 3));
  const threads = Number(own.threads ?? availableParallelism());
  const tokens = Number(own.tokens ?? (quick ? 4 : 32));
  const promptTokens = quick ? 8 : PROMPT;
  const model = await openModel(size, threads);
  const random = new Random(7);
  const prompts = Array.from({ length: ROWS }, () =>
    Int32Array.from({ length: promptTokens }, () => 1 + random.below(size.vocab_size - 1)),
  );
  if (python === undefined) say('transformers is missing: give --python.');
  const peer = python === undefined ? undefined : await openPeer(python, size, threads);
  const figures: Figure[] = [];
  try {
    for (const beams of [1, 4]) {
      const ours = (from: LanguageModel) => async () => {
        const start = performance.now();
        // No token ends a text, so that all are equally long.
        await decodeTexts(from, prompts, {
          beams,
          maxNewTokens: tokens,
          end: -1,
          lengthPenalty: 1,
          earlyStopping: false,
          noRepeatNgrams: 0,
          noRepeatOfPrompt: false,
        });
        return (ROWS * tokens) / ((performance.now() - start) / 1000);
      };
      const sides = [
        { name: 'attune', once: ours(model) },
        { name: 'without a cache', once: ours(withoutCache(model)) },
        ...(peer
          ? [
              {
                name: 'transformers fp32',
                once: async () => {
                  const reply = await peer.ask({
                    prompts: prompts.map((prompt) => [...prompt]),
                    beams,
                    tokens,
                  });
                  return (ROWS * tokens) / Number(reply.seconds);
                },
              },
            ]
          : []),
      ];
      const speeds = new Map([...(await inTurn(sides, rounds))].map(([name, all]) => [name, median(all)]));
      const name = `${ROWS}x${promptTokens}+${tokens} ${beams === 1 ? 'greedy' : `${beams} beams`} fp32`;
      for (const [side, value] of speeds)
        if (side !== 'attune')
          figures.push(beside(name, 'tokens/s', speeds.get('attune')!, { name: side, value }, 'more'));
      say(
        `${name}: ${[...speeds].map(([side, speed]) => `${side} ${speed.toFixed(1)}`).join(', ')} tokens/s`,
      );
    }
  } finally {
    peer?.close();
    await model.close();
  }
  return figures;
}

function openModel(size: (typeof SIZES)[keyof typeof SIZES], threads: number): Promise<CausalSession> {
  const config = { model_type: 'gpt2', ...size };
  const state = new State();
  const random = new Random(3);
  for (const each of openArchitecture(config).parameters)
    state.set(each.name, each.shape, initialValues(each, random));
  return CausalSession.open(config, state, { threads });
}

async function openPeer(python: string, size: object, threads: number): Promise<Peer> {
  const script = fileURLToPath(new URL('../../bench/peers/generate.py', import.meta.url));
  const peer = Peer.start(python, [script], { threads });
  await peer.ask({ load: size, threads });
  return peer;
}

/** The same model that reads each whole text again for each new token. */
function withoutCache(model: LanguageModel): LanguageModel {
  const started = async (texts: readonly Int32Array[]): Promise<Continuation> => {
    const { scores } = await model.start(texts);
    return {
      scores,
      next: (rows, tokens) => started(rows.map((row, i) => Int32Array.from([...texts[row]!, tokens[i]!]))),
    };
  };
  return { start: started };
}
