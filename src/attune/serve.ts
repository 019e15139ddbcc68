/** `attune serve`: a trained model behind HTTP. */
import type { Progress } from '../base/progress.ts';
import { readBundle } from '../prediction/bundle.ts';
import type { Precision } from '../prediction/precision.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { type RunningServer, startServer } from '../serving/server.ts';
import { type EventOptions, openEvents, withBehaviour } from './behaviour.ts';

export type ServeBundleOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  /** 8080 when left out; 0 takes any that is free. */
  readonly port?: number;
  /** Loopback when left out: nothing asks callers who they are. */
  readonly host?: string;
  /** Processor threads, each with a model of its own; one a core when left out. The caller's own is never blocked. */
  readonly threads?: number;
  /** fp32 when left out. */
  readonly precision?: Precision;
  /** An event log, read once at the start; without one products are predicted without their behaviour. */
  readonly behaviour?: EventOptions;
  readonly progress?: Progress;
};

export type ServedBundle = RunningServer & {
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
};

export const DEFAULT_PORT = 8080;

/** @throws prediction/bundle-missing, prediction/bad-option, catalog/..., serving/address-in-use, serving/address-unavailable */
export async function serveBundle(options: ServeBundleOptions): Promise<ServedBundle> {
  const { model, port = DEFAULT_PORT, host, behaviour = {}, progress, ...running } = options;
  const bundle = await readBundle(model);
  const log = await openEvents(bundle, behaviour, progress);
  const pool = await PredictorPool.open(bundle, running).catch((cause: unknown) => {
    log?.close();
    throw cause;
  });
  const predictor = log ? withBehaviour(pool, log) : pool;
  try {
    const server = await startServer({ predictor, port, ...(host === undefined ? {} : { host }) });
    return {
      url: server.url,
      name: predictor.name,
      fields: predictor.fields,
      attributes: predictor.attributes.map(({ name }) => name),
      close: async () => {
        await server.close();
        await predictor.close();
      },
    };
  } catch (cause) {
    await predictor.close();
    throw cause;
  }
}
