/** `attune serve`: a trained model behind HTTP. */
import { readBundle } from '../prediction/bundle.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import { type RunningServer, startServer } from '../serving/server.ts';

export type ServeBundleOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  /** 8080 when left out; 0 takes any that is free. */
  readonly port?: number;
  /** Loopback when left out: nothing asks callers who they are. */
  readonly host?: string;
  readonly threads?: number;
};

export type ServedBundle = RunningServer & {
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
};

export const DEFAULT_PORT = 8080;

/** @throws prediction/bundle-missing, serving/address-in-use, serving/address-unavailable */
export async function serveBundle(options: ServeBundleOptions): Promise<ServedBundle> {
  const { model, port = DEFAULT_PORT, host, threads } = options;
  const predictor = await BundlePredictor.open(
    await readBundle(model),
    threads === undefined ? {} : { threads },
  );
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
