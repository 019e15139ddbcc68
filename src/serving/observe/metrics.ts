/** What Prometheus reads at `/metrics`, in base units. Labels are names of ours, never anything of a product. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ProductPrediction } from '../../prediction/prediction.ts';
import type { TrafficAnswer } from '../api/traffic.ts';
import { trafficOf } from './traffic.ts';

export type Stage = 'preprocess' | 'infer' | 'postprocess';
export type VersionLabels = { readonly model: string; readonly version: string };

/** Seconds, from a cached answer to a batch of long texts on a busy machine. */
const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const CONFIDENCES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #duration: Histogram;
  readonly #queue: Histogram;
  readonly #compute: Histogram;
  readonly #batch: Histogram;
  readonly #hits: Counter;
  readonly #misses: Counter;
  readonly #predictions: Counter;
  readonly #confidence: Histogram;

  readonly #since: Date;

  /** @param waiting - products in queues, asked when somebody reads @param since - when counting began */
  constructor(waiting: () => number, since: Date) {
    this.#since = since;
    const registers = [this.#registry];
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name, help, labelNames, registers });
    const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers });
    const version = ['model', 'version'];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = counter('attune_requests_total', 'Requests answered.', [...version, 'route', 'code']);
    this.#duration = histogram(
      'attune_request_duration_seconds',
      'From the first byte of a request to the last of its answer.',
      ['route'],
      SECONDS,
    );
    this.#queue = histogram(
      'attune_queue_duration_seconds',
      'From the arrival of a product to its batch.',
      version,
      SECONDS,
    );
    this.#compute = histogram(
      'attune_compute_duration_seconds',
      'preprocess: reading and checking a request; infer: the model on a batch; postprocess: making the answer.',
      ['stage'],
      SECONDS,
    );
    this.#batch = histogram('attune_batch_size', 'Products predicted together.', version, SIZES);
    this.#hits = counter('attune_cache_hits_total', 'Products answered from memory.', version);
    this.#misses = counter('attune_cache_misses_total', 'Products that were not.', version);
    this.#predictions = counter('attune_predictions_total', 'Answers given.', ['attribute', 'status']);
    this.#confidence = histogram(
      'attune_confidence',
      'Confidence of the answers given.',
      ['attribute'],
      CONFIDENCES,
    );
    new Gauge({
      name: 'attune_queued_products',
      help: 'Products that wait for a batch.',
      registers,
      collect() {
        this.set(waiting());
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  async traffic(): Promise<TrafficAnswer> {
    return trafficOf(await this.#registry.getMetricsAsJSON(), this.#since);
  }

  request(labels: VersionLabels & { readonly route: string; readonly code: number }, seconds: number): void {
    this.#requests.inc(labels);
    this.#duration.observe({ route: labels.route }, seconds);
  }

  batch(of: VersionLabels, size: number, queuedSeconds: readonly number[], seconds: number): void {
    this.#batch.observe(of, size);
    for (const each of queuedSeconds) this.#queue.observe(of, each);
    this.stage('infer', seconds);
  }

  stage(stage: Stage, seconds: number): void {
    this.#compute.observe({ stage }, seconds);
  }

  lookUp(of: VersionLabels, hits: number, misses: number): void {
    this.#hits.inc(of, hits);
    this.#misses.inc(of, misses);
  }

  answer({ attributes }: ProductPrediction): void {
    for (const [attribute, { status, confidence }] of Object.entries(attributes)) {
      this.#predictions.inc({ attribute, status });
      this.#confidence.observe({ attribute }, confidence);
    }
  }

  close(): void {
    this.#registry.clear();
  }
}
