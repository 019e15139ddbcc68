/** The same classifier in PyTorch, as a child process: bench/peers/encoder_training.py or picture_training.py. */
import { resolve } from 'node:path';
import { Peer } from '../runner/peer.ts';
import { type ClassifierPlan, DROPOUT, LEARNING_RATE, WEIGHT_DECAY } from './classifier.ts';
import type { PicturePlan } from './picture-classifier.ts';

export type Precision = 'fp32' | 'bf16';

export class TorchClassifier {
  readonly #peer: Peer;

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  static start(
    python: string,
    threads: number,
    script: 'encoder_training.py' | 'picture_training.py' = 'encoder_training.py',
  ): TorchClassifier {
    return new TorchClassifier(Peer.start(python, [resolve('bench/peers', script)], { threads }));
  }

  /** Replaces the model that was there. */
  async build(plan: ClassifierPlan | PicturePlan): Promise<void> {
    await this.#peer.ask({
      build: plan,
      learningRate: LEARNING_RATE,
      weightDecay: WEIGHT_DECAY,
      dropout: DROPOUT,
    });
  }

  /** @returns milliseconds of each step */
  async steps(count: number, precision: Precision): Promise<readonly number[]> {
    return (await this.#peer.ask({ steps: count, precision })).ms as number[];
  }

  /** @returns milliseconds of a product of two square matrices */
  async matmul(size: number, precision: Precision): Promise<number> {
    return (await this.#peer.ask({ matmul: size, precision })).ms as number;
  }

  /** @returns seconds */
  async save(folder: string): Promise<number> {
    return (await this.#peer.ask({ save: folder })).seconds as number;
  }

  /** @returns seconds */
  async load(folder: string): Promise<number> {
    return (await this.#peer.ask({ load: folder })).seconds as number;
  }

  /** The most memory that the process has had, in MB. */
  async peakMb(): Promise<number> {
    return (await this.#peer.ask({ peak: true })).mb as number;
  }

  close(): void {
    this.#peer.close();
  }
}

const PROBE = 512;
/** bf16 is left out when a product of matrices takes this many times as long in it: the processor has no instructions for it. */
const HOPELESS = 5;

/** The precisions worth timing; says which are left out. */
export async function usefulPrecisions(
  torch: TorchClassifier,
  say: (text: string) => void,
): Promise<readonly Precision[]> {
  const slower = (await torch.matmul(PROBE, 'bf16')) / (await torch.matmul(PROBE, 'fp32'));
  if (slower <= HOPELESS) return ['fp32', 'bf16'];
  say(
    `pytorch bf16 is left out: a product of matrices takes ${slower.toFixed(0)} times as long in it as in fp32.`,
  );
  return ['fp32'];
}
