/** `attune serve`: a trained model behind HTTP. */
import { readBundle } from '../prediction/bundle.ts';
import type { Precision } from '../prediction/precision.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { type RunningServer, startServer } from '../serving/server.ts';

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
};

export type ServedBundle = RunningServer & {
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
};

export const DEFAULT_PORT = 8080;

/** @throws prediction/bundle-missing, serving/address-in-use, serving/address-unavailable */
export async function serveBundle(options: ServeBundleOptions): Promise<ServedBundle> {
  const { model, port = DEFAULT_PORT, host, ...running } = options;
  const predictor = await PredictorPool.open(await readBundle(model), running);
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
