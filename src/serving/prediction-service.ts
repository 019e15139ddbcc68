/**
 * The models as the routes see them: bodies in, answers out. It finds the model and the version that answer, and checks what a
 * client sent against the model's own fields.
 */
import { AttuneError } from '../base/errors.ts';
import type { LineProblem, PredictionAnswer, PredictResponse } from './api/predict.ts';
import type { RequestErrorCode } from './errors.ts';
import { mapInOrder } from './in-order.ts';
import { type Line, readLines } from './lines.ts';
import { type Asked, answered, ask } from './models/ask.ts';
import type { ModelRegistry } from './models/registry.ts';
import type { Metrics, Stage, VersionLabels } from './observe/metrics.ts';
import { inSpan } from './observe/tracing.ts';
import type { Limits } from './options.ts';
import { problemOf } from './problem.ts';
import { answerOf } from './products.ts';
import type { ReadingRoom } from './reading-room.ts';
import type { Keeper } from './records/keeper.ts';
import { invalidRequest } from './request-faults.ts';

/** What a request brings beside its products. */
export type Call = {
  /** What the query says; the body comes first. */
  readonly query: {
    readonly model?: string | undefined;
    readonly version?: string | undefined;
    readonly topK?: number | undefined;
    readonly contributions?: boolean | undefined;
    readonly keep?: boolean | undefined;
  };
  readonly signal: AbortSignal;
  /** Whether the caller may change products of the store. */
  readonly mayWrite: boolean;
  /** A UUID, for problems. */
  readonly requestId: string;
  /** Told which model answers, for the metrics. */
  readonly onAnswer: (by: VersionLabels) => void;
  /** Told of each line that failed by no fault of the client; a failing JSON call throws. */
  readonly onFailure: (error: unknown) => void;
};

type Wish = { readonly topK: number; readonly keep: boolean; readonly mayWrite: boolean };

export type PredictionService = {
  readonly models: ModelRegistry;
  /** @throws AttuneError with a code of this folder, when any of the products cannot be answered */
  predictAll(body: unknown, call: Call): Promise<PredictResponse>;
  /** One line of JSON for each line of `source`; a line that cannot be answered gets a problem in its place. */
  predictLines(source: AsyncIterable<Uint8Array>, call: Call): AsyncIterable<string>;
};

export type ServiceOptions = {
  readonly models: ModelRegistry;
  readonly limits: Limits;
  readonly metrics: Pick<Metrics, 'answer' | 'stage'>;
  /** Keeps the answers of products that have an id, unless a call says that it must not. */
  readonly keeper: Keeper | undefined;
  /** Lines of streams are read where there is room for them. */
  readonly room: ReadingRoom;
};

export function predictionService(options: ServiceOptions): PredictionService {
  const { models, limits, metrics, keeper, room } = options;

  /** The model that answers, and the version of it whose fields a body is checked against. */
  function chosen(name: string | undefined, version: string | undefined) {
    const model = models.model(name);
    return { model, reads: version === undefined ? model.live : models.version(model.name, version) };
  }

  function answerFor(model: string, asked: Asked, which: string, wish: Wish): PredictionAnswer {
    const { topK, keep, mayWrite } = wish;
    const { product, version, reads } = asked;
    const prediction = answered(asked, which);
    metrics.answer(prediction);
    if (keep) keeper?.keep([{ product, prediction, model, version, reads, mayWrite }]);
    return answerOf(product, prediction, { topK, version });
  }

  /** What a body asks of whom. */
  function read(body: unknown, { query, signal }: Call) {
    const version = textIn(body, 'version') ?? query.version;
    const { model, reads } = chosen(textIn(body, 'model') ?? query.model, version);
    const parsed = reads.requestContract.safeParse(body);
    if (!parsed.success)
      throw invalidRequest(parsed.error.issues, reads.requestContract, body, {
        model: model.name,
        at: 'The body',
      });
    const { products, topK = query.topK ?? 0 } = parsed.data;
    const { contributions = query.contributions ?? false, keep = query.keep ?? true } = parsed.data;
    const only = version === undefined ? undefined : reads;
    return { products, model, only, topK, contributions, keep, signal };
  }

  function staged<T>(stage: Stage, work: () => T): Promise<T> {
    return inSpan(`attune.${stage}`, () => {
      const started = performance.now();
      const done = work();
      metrics.stage(stage, (performance.now() - started) / 1000);
      return done;
    });
  }

  async function predictLine(line: Line, call: Call): Promise<PredictionAnswer | LineProblem> {
    let id: string | null = null;
    try {
      const body = parseLine(line, limits.maxBodyBytes);
      id = idIn(body);
      const { model, version, topK = 0, contributions = false, keep = true } = call.query;
      const { model: served, reads } = chosen(model, version);
      const parsed = reads.productContract.safeParse(body);
      if (!parsed.success)
        throw invalidRequest(parsed.error.issues, reads.productContract, body, {
          model: served.name,
          at: 'The product',
        });
      const what = { model: served, only: version === undefined ? undefined : reads, topK, contributions };
      const [outcome] = await ask([parsed.data], { ...what, signal: call.signal, patient: true }, limits);
      const { mayWrite } = call;
      return answerFor(served.name, outcome!, `the product of line ${line.number}`, { topK, keep, mayWrite });
    } catch (error) {
      const problem = problemOf(error, call.requestId);
      if (problem.status >= 500) call.onFailure(error);
      return { line: line.number, id, problem };
    }
  }

  return {
    models,
    async predictAll(body, call) {
      const { products, ...wish } = await staged('preprocess', () => read(body, call));
      const { model, topK, keep } = wish;
      const { mayWrite } = call;
      const asked = await inSpan('attune.batch', () => ask(products, wish, limits));
      const predictions = await staged('postprocess', () =>
        asked.map((one, i) => answerFor(model.name, one, `products[${i}]`, { topK, keep, mayWrite })),
      );
      call.onAnswer({ model: model.name, version: asked[0]!.version });
      return { model: model.name, predictions };
    },
    async *predictLines(source, call) {
      const { model, reads } = chosen(call.query.model, call.query.version);
      call.onAnswer({ model: model.name, version: reads.version });
      const { reserve, close } = room.forStream();
      // Batches at work, and one that gathers.
      const answers = mapInOrder(
        readLines(source, { maxCharacters: limits.maxBodyBytes, reserve }),
        (1 + (model.live.opened.predictor.parallel ?? 1)) * limits.maxBatch,
        (line) => predictLine(line, call).finally(() => line.held.keep(0)),
      );
      try {
        for await (const answer of answers) yield `${JSON.stringify(answer)}\n`;
      } finally {
        close();
      }
    },
  };
}

/** A text of the body that is needed before the body is checked. */
function textIn(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const text: unknown = Reflect.get(body, name);
  return typeof text === 'string' ? text : undefined;
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
