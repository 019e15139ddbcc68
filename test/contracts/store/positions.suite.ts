import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';

export function positionsSuite(bench: Bench): void {
  describe('positions in a stream', () => {
    const at = (productId: string, epoch: number, sequence: number) => ({ productId, epoch, sequence });

    it('move on, stay where they are when told again, and never go back', async () => {
      const { positions } = bench.store;
      expect(await positions.advance('s', [at('b', 1, 7), at('a', 1, 3)])).toEqual(new Set(['a', 'b']));
      expect(await positions.advance('s', [at('a', 1, 3), at('b', 1, 6)]), 'again, and older').toEqual(
        new Set(['a']),
      );
      expect(await positions.advance('s', [at('b', 2, 1)]), 'of a stream made anew').toEqual(new Set(['b']));
      expect(await positions.advance('s', [at('b', 1, 99)]), 'of the one before').toEqual(new Set());
      expect(await positions.of('s', ['a', 'b', 'c'])).toEqual(
        new Map([
          ['a', { epoch: 1, sequence: 3 }],
          ['b', { epoch: 2, sequence: 1 }],
        ]),
      );
      expect(await positions.of('other', ['a'])).toEqual(new Map());
      expect([await positions.latestEpoch('s'), await positions.latestEpoch('other')]).toEqual([
        2,
        undefined,
      ]);
    });
  });
}
