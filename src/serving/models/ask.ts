/** Asks a model for products: each goes to the version that answers for it, and to the shadow's where it has one. */
import { AttuneError } from '../../base/errors.ts';
import type { ProductInput, ProductPrediction } from '../../prediction/prediction.ts';
import type { ProductBody } from '../api/predict.ts';
import type { Outcome, SubmitOptions } from '../batcher.ts';
import type { RequestErrorCode } from '../errors.ts';
import type { Limits } from '../options.ts';
import { readProduct } from '../products.ts';
import type { ServedModel } from './served-model.ts';
import type { ServedVersion } from './served-version.ts';

export type Ask = Required<SubmitOptions> & {
  readonly model: ServedModel;
  /** The version that a client named, which then answers for every product; undefined where the shares decide. */
  readonly only: ServedVersion | undefined;
  /** Whether to wait for room in the queue where the request would be refused. */
  readonly patient?: boolean;
};

export type Asked = {
  readonly product: ProductInput;
  readonly version: string;
  /** Fields that the version reads. */
  readonly reads: readonly string[];
  readonly outcome: Outcome;
};

/**
 * Outcomes in the order of the bodies.
 * @throws AttuneError `serving/queue-full`, `serving/client-gone`
 */
export async function ask(
  bodies: readonly ProductBody[],
  { model, only, ...options }: Ask,
  limits: Pick<Limits, 'maxBatch'>,
): Promise<readonly Asked[]> {
  const routes = bodies.map((body) => {
    const route = only === undefined ? model.for(body) : { answers: only, shadow: undefined };
    return { ...route, body, product: readProduct(body, route.answers.opened.predictor) };
  });
  const asked: Asked[] = [];
  await Promise.all(
    [...new Set(routes.map(({ answers }) => answers))].map(async (answers) => {
      const places = routes.flatMap((route, i) => (route.answers === answers ? [i] : []));
      const products = places.map((i) => routes[i]!.product);
      const outcomes = await answers.predict(products, options);
      places.forEach((place, i) => {
        const { version, reads } = answers;
        asked[place] = { product: products[i]!, version, reads, outcome: outcomes[i]! };
      });
    }),
  );
  for (const shadow of new Set(routes.flatMap((route) => route.shadow ?? [])))
    void compare(
      model,
      shadow,
      routes.flatMap((route, i) => (route.shadow === shadow ? [{ body: route.body, asked: asked[i]! }] : [])),
      limits,
    );
  return asked;
}

/** After the answer is out, and only where the shadow keeps up: nobody waits for a shadow. */
async function compare(
  { tally }: ServedModel,
  shadow: ServedVersion,
  rows: readonly { readonly body: ProductBody; readonly asked: Asked }[],
  { maxBatch }: Pick<Limits, 'maxBatch'>,
): Promise<void> {
  if (shadow.waiting >= maxBatch) return tally.drop(rows.length);
  const products = rows.map(({ body }) => readProduct(body, shadow.opened.predictor));
  try {
    const outcomes = await shadow.predict(products, { topK: 0, signal: new AbortController().signal });
    rows.forEach(({ asked: { outcome } }, i) => {
      const other = outcomes[i]!;
      if (outcome.ok) tally.count(outcome.prediction, other.ok ? other.prediction : undefined);
    });
  } catch {
    // Its queue is full.
    tally.drop(rows.length);
  }
}

/** @throws AttuneError `serving/prediction-failed` @param which - the product, in words */
export function answered({ outcome }: Asked, which: string): ProductPrediction {
  if (outcome.ok) return outcome.prediction;
  throw new AttuneError<RequestErrorCode>('serving/prediction-failed', `The model failed on ${which}.`, {
    hint: 'The log of the service says why, under this instance.',
    cause: outcome.error,
  });
}
