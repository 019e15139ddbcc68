/** Times training steps beside a peer's, and what the times mean. */
import { beside, type Figure, median } from '../runner/figure.ts';
import { type Contender, inTurn } from '../runner/peer.ts';
import type { Precision, TorchClassifier } from './torch-classifier.ts';

const OURS = 'attune';
const STEPS_A_TURN = 3;

/** Median milliseconds of a step, by side. */
export async function timeSteps(
  ours: { steps(count: number): Promise<readonly number[]> },
  torch: TorchClassifier | undefined,
  precisions: readonly Precision[],
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const mine: Contender = { name: OURS, once: async () => median(await ours.steps(STEPS_A_TURN)) };
  const peers = precisions.map(
    (precision): Contender => ({
      name: `pytorch ${precision}`,
      once: async () => median(await torch!.steps(STEPS_A_TURN, precision)),
    }),
  );
  // Ours before each peer, so that both see the machine in the same mood.
  const order = peers.length === 0 ? [mine] : peers.flatMap((peer) => [mine, peer]);
  const times = await inTurn(order, rounds);
  return new Map([...times].map(([side, values]) => [side, median(values)]));
}

export type StepWork = {
  /** Multiplications and additions of a step's products. */
  readonly operations: number;
  /** Tokens or pictures of a step, and `tokens/s` or `pictures/s`. */
  readonly items: number;
  readonly unit: string;
};

/** @param times - milliseconds by side; @param plain - what a matrix product reaches, in GFLOP/s */
export function figuresOf(
  name: string,
  { operations, items, unit }: StepWork,
  times: ReadonlyMap<string, number>,
  plain: number,
): Figure[] {
  const gflops = (ms: number) => operations / ms / 1e6;
  const ours = times.get(OURS)!;
  const measures = [
    { unit: 'ms', better: 'less', of: (ms: number) => ms },
    { unit, better: 'more', of: (ms: number) => (items / ms) * 1000 },
    { unit: 'GFLOP/s', better: 'more', of: gflops },
  ] as const;
  const peers = [...times].filter(([side]) => side !== OURS);
  const figures = measures.flatMap(({ unit, better, of }): Figure[] =>
    peers.length === 0
      ? [{ name, value: of(ours), unit }]
      : peers.map(([side, ms]) => beside(name, unit, of(ours), { name: side, value: of(ms) }, better)),
  );
  return [...figures, { name, value: (100 * gflops(ours)) / plain, unit: '% of matmul' }];
}
