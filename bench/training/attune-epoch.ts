/** One epoch of our own training loop on titles, timed from its first product read to its last step. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttuneConfig, configSchema } from '../../src/attune/config.ts';
import { type Prepared, prepare } from '../../src/attune/prepare.ts';
import { initialState } from '../../src/attune/start.ts';
import { type Catalog, openCatalog } from '../../src/catalog/catalog.ts';
import { specOfConfig } from '../../src/catalog/spec-of-config.ts';
import { trainAttributes } from '../../src/training/train-attributes.ts';
import type { LabelledTitle } from './titles.ts';

export type EpochPlan = {
  /** Folder of the checkpoint to start from; a small encoder of random weights when left out. */
  readonly model: string | undefined;
  /** Products in a step. */
  readonly batchSize: number;
  readonly maxTokens: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly threads: number;
  /** For files of this run alone. */
  readonly scratch: string;
};

export type Epoch = { readonly seconds: number; readonly products: number; readonly loss: number };

export class AttuneEpochs {
  readonly #config: AttuneConfig;
  readonly #catalog: Catalog;
  readonly #prepared: Prepared;
  readonly #folder: string;

  private constructor(config: AttuneConfig, catalog: Catalog, prepared: Prepared, folder: string) {
    this.#config = config;
    this.#catalog = catalog;
    this.#prepared = prepared;
    this.#folder = folder;
  }

  static async open(titles: readonly LabelledTitle[], plan: EpochPlan): Promise<AttuneEpochs> {
    const path = join(plan.scratch, 'titles.jsonl');
    const lines = titles.map(({ text, label }, id) => JSON.stringify({ id: String(id), title: text, label }));
    await writeFile(path, `${lines.join('\n')}\n`);
    const { maxTokens, batchSize, learningRate, weightDecay, threads } = plan;
    const config = configSchema.parse({
      data: { path, id: 'id', split: { by: 'hash', dev: 0, test: 0 } },
      inputs: { title: { kind: 'text', maxTokens } },
      attributes: { label: 'choice' },
      // The Trainer's model, BertForSequenceClassification, reads the first token.
      model: {
        pooling: 'first',
        ...(plan.model === undefined ? { layers: 1, width: 32, vocabulary: 512 } : { text: plan.model }),
      },
      training: { epochs: 1, batchSize, learningRate, weightDecay, threads, warmup: 0 },
    });
    const catalog = await openCatalog(specOfConfig(config));
    const folders = { text: plan.model, image: undefined, audio: undefined };
    const prepared = await prepare(catalog, config, folders, { cacheFolder: join(plan.scratch, 'pictures') });
    return new AttuneEpochs(config, catalog, prepared, join(plan.scratch, 'run'));
  }

  /** Tokens of the word table that the titles use, which are what is trained of it. */
  get wordRows(): number | undefined {
    return this.#prepared.spec.vocabulary?.length;
  }

  /** An epoch from the checkpoint's own weights. */
  async once(): Promise<Epoch> {
    const { spec, start, others, encoder, batches, reader, survey } = this.#prepared;
    let started = 0;
    let ended = 0;
    let loss = 0;
    await trainAttributes({
      spec,
      state: await initialState(spec, start, this.#config.training.seed, others.weights),
      encoder,
      batches,
      reader,
      catalog: this.#catalog,
      labelledProducts: survey.labelledProducts,
      config: this.#config.training,
      model: this.#config.model,
      folder: this.#folder,
      fingerprint: 'bench',
      resume: false,
      evaluate: async () => undefined,
      onStart: async () => {
        started = performance.now();
      },
      onStep: () => {
        ended = performance.now();
      },
      onEpoch: ({ trainLoss }) => {
        loss = trainLoss;
      },
    });
    return { seconds: (ended - started) / 1000, products: survey.labelledProducts, loss };
  }

  close(): void {
    this.#catalog.close();
  }
}
