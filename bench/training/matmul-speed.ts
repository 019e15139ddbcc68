/** What a plain product of two matrices reaches on this machine: what a training step is measured against. */
import { Random } from '../../src/base/random.ts';
import { input, matmul } from '../../src/graph/builder.ts';
import { Session, type Value } from '../../src/graph/session.ts';
import { median } from '../runner/figure.ts';

export type MatmulSize = { readonly rows: number; readonly inner: number; readonly columns: number };

const RUNS = 30;

/** Median speed in GFLOP/s; the factors are inputs of the graph, as weights are in training. */
export async function matmulSpeed({ rows, inner, columns }: MatmulSize, threads: number): Promise<number> {
  const product = matmul(input('a', 'float32', [rows, inner]), input('b', 'float32', [inner, columns]));
  const session = await Session.create({ product }, { threads });
  const random = new Random(1);
  const draw = (...dims: [number, number]): Value => ({
    dtype: 'float32',
    dims,
    data: Float32Array.from({ length: dims[0] * dims[1] }, () => random.uniform() - 0.5),
  });
  const values = { a: draw(rows, inner), b: draw(inner, columns) };
  const into = { product: draw(rows, columns) };
  try {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      await session.run(values, into);
      times.push(performance.now() - start);
    }
    return (2 * rows * inner * columns) / median(times.slice(RUNS / 3)) / 1e6;
  } finally {
    await session.close();
  }
}
