/**
 * From scores of next tokens to texts: the most probable token each time (greedy), or several texts kept side by side (beam
 * search) as transformers' `generate` does it, whose words for the settings these are. Rows do not know each other: a
 * prompt's text does not depend on what else is decoded, but for rounding. Nothing is drawn at random.
 */
import { bannedTokens } from './banned-tokens.ts';
import type { Continuation, LanguageModel, NextScores } from './causal-session.ts';

export type DecodingOptions = {
  /** Texts kept side by side; 1 is greedy. */
  readonly beams: number;
  /** Tokens that may be added to a prompt, the end included. */
  readonly maxNewTokens: number;
  /** The token that ends a text. */
  readonly end: number;
  /** A text's score is its log-probability divided by its length to this power: above 0 favours long texts. Of beams only. */
  readonly lengthPenalty: number;
  /**
   * When beam search leaves a prompt: `true` as soon as there are as many finished texts as beams; `false` when no text under way,
   * at its length so far, scores above the worst of them; `never` when none could at any length.
   */
  readonly earlyStopping: boolean | 'never';
  /** No run of so many tokens comes twice; 0 allows all. */
  readonly noRepeatNgrams: number;
  /** Whether a run that stands in the prompt counts as having come. */
  readonly noRepeatOfPrompt: boolean;
};

export type Decoded = {
  /** New tokens without the end. */
  readonly tokens: readonly number[];
  /** Whether the end came; false where the text was cut at its limit. */
  readonly ended: boolean;
  /** Sum of the log-probabilities of the new tokens, the end among them. */
  readonly logProbability: number;
  /** New tokens, the end among them. */
  readonly length: number;
};

/** The geometric mean of a text's token probabilities, 0 to 1. */
export const meanProbability = ({ logProbability, length }: Decoded): number =>
  length === 0 ? 0 : Math.exp(logProbability / length);

/** The best text of each prompt, in their order. @param prompts - none of them empty */
export async function decodeTexts(
  model: LanguageModel,
  prompts: readonly Int32Array[],
  options: DecodingOptions,
): Promise<readonly Decoded[]> {
  if (prompts.length === 0) return [];
  const searches = prompts.map(
    (prompt): Search => (options.beams === 1 ? new Greedy(prompt, options) : new Beams(prompt, options)),
  );
  let now = await model.start(prompts);
  /** Which rows of `now` are of which search. */
  let under = searches.map((search, row) => ({ search, rows: [row] }));
  for (;;) {
    const next: { search: Search; steps: readonly Step[] }[] = [];
    for (const { search, rows } of under) {
      const steps = search.advance(now.scores, rows);
      if (steps.length > 0) next.push({ search, steps });
    }
    if (next.length === 0) return searches.map((search) => search.result());
    const all = next.flatMap(({ steps }) => steps);
    now = await continued(now, all);
    let row = 0;
    under = next.map(({ search, steps }) => ({ search, rows: steps.map(() => row++) }));
  }
}

const continued = (now: Continuation, steps: readonly Step[]): Promise<Continuation> =>
  now.next(
    steps.map(({ row }) => row),
    steps.map(({ token }) => token),
  );

/** A row of scores that goes on with a token. */
type Step = { readonly row: number; readonly token: number };

/** One prompt's texts. */
interface Search {
  /** Takes the scores of its rows; gives the rows that go on, none when it is done. */
  advance(scores: NextScores, rows: readonly number[]): readonly Step[];
  result(): Decoded;
}

/** A text under way or finished: its new tokens, the end among them. */
type Text = { readonly tokens: readonly number[]; readonly logProbability: number };

class Greedy implements Search {
  readonly #prompt: Int32Array;
  readonly #options: DecodingOptions;
  #text: Text = { tokens: [], logProbability: 0 };

  constructor(prompt: Int32Array, options: DecodingOptions) {
    this.#prompt = prompt;
    this.#options = options;
  }

  advance(scores: NextScores, [row]: readonly number[]): readonly Step[] {
    const { end, maxNewTokens } = this.#options;
    const own = rowOf(scores, row!);
    const banned = bannedTokens(this.#prompt, this.#text.tokens, this.#options);
    let best = -1;
    for (let token = 0; token < own.length; token++) {
      if (banned.has(token)) continue;
      if (best < 0 || own[token]! > own[best]!) best = token;
    }
    if (best < 0) return [];
    const tokens = [...this.#text.tokens, best];
    this.#text = { tokens, logProbability: this.#text.logProbability + own[best]! };
    return best === end || tokens.length === maxNewTokens ? [] : [{ row: row!, token: best }];
  }

  result(): Decoded {
    return decoded(this.#text, this.#options);
  }
}

/** A continuation of one of the texts under way. */
type Candidate = Text & { readonly row: number; readonly last: number };

class Beams implements Search {
  readonly #prompt: Int32Array;
  readonly #options: DecodingOptions;
  #running: readonly Text[] = [{ tokens: [], logProbability: 0 }];
  /** Best first, `beams` at most. */
  #finished: readonly (Text & { readonly score: number })[] = [];

  constructor(prompt: Int32Array, options: DecodingOptions) {
    this.#prompt = prompt;
    this.#options = options;
  }

  advance(scores: NextScores, rows: readonly number[]): readonly Step[] {
    const { beams, end, maxNewTokens, lengthPenalty, earlyStopping } = this.#options;
    // Twice as many as beams: even if every beam's best token is the end, as many texts go on.
    const best = this.#candidates(scores, rows, 2 * beams);
    const length = this.#running[0]!.tokens.length + 1;
    const ends = ({ last }: Candidate) => last === end || length === maxNewTokens;
    const reached = best.slice(0, beams).filter(ends);
    this.#finished = [
      ...this.#finished,
      ...reached.map((text) => ({ ...text, score: text.logProbability / length ** lengthPenalty })),
    ]
      .sort((a, b) => b.score - a.score)
      .slice(0, beams);
    const running = best.filter((candidate) => !ends(candidate)).slice(0, beams);
    this.#running = running;
    if (running.length === 0) return [];
    if (this.#finished.length === beams) {
      if (earlyStopping === true) return [];
      const possible = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : length;
      const hope = running[0]!.logProbability / possible ** lengthPenalty;
      if (hope <= this.#finished.at(-1)!.score) return [];
    }
    return running.map(({ row, last }) => ({ row, token: last }));
  }

  result(): Decoded {
    const best = this.#finished[0];
    return decoded(best ?? this.#running[0] ?? { tokens: [], logProbability: 0 }, this.#options);
  }

  /** The `most` best continuations, best first; of equals the earlier text's, then the lower token. */
  #candidates(scores: NextScores, rows: readonly number[], most: number): readonly Candidate[] {
    const kept: { logProbability: number; beam: number; token: number }[] = [];
    for (const [beam, { tokens, logProbability }] of this.#running.entries()) {
      const own = rowOf(scores, rows[beam]!);
      const banned = bannedTokens(this.#prompt, tokens, this.#options);
      for (let token = 0; token < own.length; token++) {
        const sum = logProbability + own[token]!;
        if (kept.length === most && sum <= kept[most - 1]!.logProbability) continue;
        if (banned.has(token)) continue;
        let at = kept.length;
        while (at > 0 && kept[at - 1]!.logProbability < sum) at--;
        kept.splice(at, 0, { logProbability: sum, beam, token });
        if (kept.length > most) kept.pop();
      }
    }
    return kept.map(({ logProbability, beam, token }) => ({
      tokens: [...this.#running[beam]!.tokens, token],
      logProbability,
      row: rows[beam]!,
      last: token,
    }));
  }
}

const rowOf = ({ data, vocabulary }: NextScores, row: number): Float32Array =>
  data.subarray(row * vocabulary, (row + 1) * vocabulary);

function decoded({ tokens, logProbability }: Text, { end }: DecodingOptions): Decoded {
  const ended = tokens.at(-1) === end;
  return {
    tokens: ended ? tokens.slice(0, -1) : tokens,
    ended,
    logProbability,
    length: tokens.length,
  };
}
