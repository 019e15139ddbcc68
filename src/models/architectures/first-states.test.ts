import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { input, multiply, parameter, sum } from '../../graph/builder.ts';
import { gradient } from '../../graph/gradient.ts';
import { Session, type Value } from '../../graph/session.ts';
import { State } from '../../graph/state.ts';
import { noDropout } from '../layers/dropout.ts';
import { initialValues } from '../layers/parameters.ts';
import { rowsOf } from '../layers/rows.ts';
import { scopeOf } from '../layers/scope.ts';
import { firstStates, hiddenStates } from './encoder.ts';
import { openArchitecture } from './registry.ts';

const SIZES = { vocab_size: 20, num_hidden_layers: 2, n_layers: 2, n_layer: 2, initializer_range: 0.5 };
const WIDTHS = { hidden_size: 16, dim: 16, n_embd: 16, intermediate_size: 24, hidden_dim: 24, n_inner: 24 };
const HEADS = { num_attention_heads: 2, n_heads: 2, n_head: 2, local_attention: 4 };
const ids: Value = { dtype: 'int32', dims: [2, 4], data: Int32Array.of(3, 4, 5, 6, 7, 8, 9, 2) };
const mask: Value = { dtype: 'int32', dims: [2, 4], data: Int32Array.of(1, 1, 1, 1, 1, 1, 1, 0) };

describe('firstStates', () => {
  it.each(['bert', 'roberta', 'xlm-roberta', 'distilbert', 'mpnet', 'modernbert', 'gpt2'])(
    'of %s are the first rows of all states, and so are the gradients',
    async (model_type) => {
      const encoder = openArchitecture({ model_type, ...SIZES, ...WIDTHS, ...HEADS, pad_token_id: 1 });
      const state = new State();
      const random = new Random(1);
      for (const spec of encoder.parameters) state.set(spec.name, spec.shape, initialValues(spec, random));
      const all = await results((...given) => rowsOf(hiddenStates(...given), 'first'));
      const first = await results(firstStates);
      expect(first.hidden!.dims).toEqual([2, 1, 16]);
      for (const [name, { data }] of Object.entries(all)) {
        first[name]!.data.forEach((value, i) => {
          expect(value, `${name}[${i}]`).toBeCloseTo(data[i] as number, 4);
        });
      }

      async function results(states: typeof firstStates): Promise<Record<string, Value>> {
        const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
        const inputs = { ids: input('ids', 'int32', [2, 4]), mask: input('mask', 'int32', [2, 4]) };
        const scope = scopeOf((name) => tensors.get(name)!);
        const hidden = states(encoder, scope, inputs, noDropout);
        const cubes = sum(multiply(hidden, multiply(hidden, hidden)));
        const gradients = gradient(cubes, [...tensors.values()]);
        const named = [...tensors.keys()].map((name, i) => [`gradient of ${name}`, gradients[i]!] as const);
        const session = await Session.create({ hidden, ...Object.fromEntries(named) }, { threads: 1 });
        try {
          return await state.run(session, { ids, mask });
        } finally {
          await session.close();
        }
      }
    },
  );
});
