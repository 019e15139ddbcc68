/**
 * One model behind a batcher, as the routes see it: bodies in, answers out. It checks what a client sent against the
 * model's own fields.
 */
import { AttuneError } from '../base/errors.ts';
import type { Predictor } from '../prediction/prediction.ts';
import {
  type LineProblem,
  type PredictionAnswer,
  type ProductBody,
  predictRequestContract,
  productContract,
} from './api/predict.ts';
import { Batcher, type Outcome } from './batcher.ts';
import type { RequestErrorCode } from './errors.ts';
import { mapInOrder } from './in-order.ts';
import { type Line, readLines } from './lines.ts';
import type { Limits } from './options.ts';
import { problemOf } from './problem.ts';
import { answerOf, readProduct } from './products.ts';
import { invalidRequest } from './request-faults.ts';

/** What a request brings beside its products. */
export type Call = {
  readonly topK: number;
  /** Whether to say what each modality contributed. */
  readonly contributions: boolean;
  readonly signal: AbortSignal;
  /** A UUID, for problems. */
  readonly requestId: string;
  /** Told of each line that failed by no fault of the client; a failing JSON call throws. */
  readonly onFailure: (error: unknown) => void;
};

export type PredictionService = {
  readonly predictor: Predictor;
  readonly requestContract: ReturnType<typeof predictRequestContract>;
  readonly productContract: ReturnType<typeof productContract>;
  /** @throws AttuneError with a code of this folder, when any of the products cannot be answered */
  predictAll(bodies: readonly ProductBody[], call: Call): Promise<readonly PredictionAnswer[]>;
  /** One line of JSON for each line of `source`; a line that cannot be answered gets a problem in its place. */
  predictLines(source: AsyncIterable<Uint8Array>, call: Call): AsyncIterable<string>;
};

export function predictionService(predictor: Predictor, limits: Limits): PredictionService {
  const batcher = new Batcher(predictor, limits);
  const contract = productContract(predictor.fields, {
    mediaFields: (predictor.mediaFields ?? []).map(({ name }) => name),
    tableFields: predictor.tableFields ?? [],
    givenAttributes: predictor.givenAttributes ?? [],
  });

  async function predictAll(bodies: readonly ProductBody[], call: Call) {
    const products = bodies.map((body) => readProduct(body, predictor));
    const outcomes = await batcher.submit(products, call);
    return outcomes.map((outcome, i) =>
      answerOf(products[i]!, predicted(outcome, `products[${i}]`), call.topK),
    );
  }

  async function predictLine(line: Line, call: Call): Promise<PredictionAnswer | LineProblem> {
    let id: string | null = null;
    try {
      const body = parseLine(line, limits.maxBodyBytes);
      id = idIn(body);
      const parsed = contract.safeParse(body);
      if (!parsed.success)
        throw invalidRequest(parsed.error.issues, contract, body, {
          model: predictor.name,
          at: 'The product',
        });
      const product = readProduct(parsed.data, predictor);
      const [outcome] = await batcher.submitPatiently([product], call);
      return answerOf(product, predicted(outcome!, `the product of line ${line.number}`), call.topK);
    } catch (error) {
      const problem = problemOf(error, call.requestId);
      if (problem.status >= 500) call.onFailure(error);
      return { line: line.number, id, problem };
    }
  }

  return {
    predictor,
    requestContract: predictRequestContract(contract, limits.maxProducts),
    productContract: contract,
    predictAll,
    async *predictLines(source, call) {
      // Batches at work, and one that gathers.
      const answers = mapInOrder(
        readLines(source, limits.maxBodyBytes),
        (1 + (predictor.parallel ?? 1)) * limits.maxBatch,
        (line) => predictLine(line, call),
      );
      for await (const answer of answers) yield `${JSON.stringify(answer)}\n`;
    },
  };
}

function predicted(outcome: Outcome, which: string) {
  if (outcome.ok) return outcome.prediction;
  throw new AttuneError<RequestErrorCode>('serving/prediction-failed', `The model failed on ${which}.`, {
    hint: 'The log of the service says why, under this instance.',
    cause: outcome.error,
  });
}

function parseLine({ text }: Line, maxCharacters: number): unknown {
  if (text === undefined)
    throw new AttuneError<RequestErrorCode>(
      'serving/line-too-long',
      `A line may have ${maxCharacters} characters. This one has more.`,
    );
  return parseJson(text, 'The line');
}

/** @param what - at the start of a sentence */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // V8 quotes the text around the fault; that is the client's own.
    const reason = (cause as Error).message.replace(/ is not valid JSON$/, '');
    throw new AttuneError<RequestErrorCode>('serving/malformed-json', `${what} is not JSON: ${reason}.`, {
      cause,
    });
  }
}

function idIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('id' in body)) return null;
  return typeof body.id === 'string' || typeof body.id === 'number' ? String(body.id) : null;
}
