import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapleyValues } from './shapley.ts';

const games = fc.integer({ min: 1, max: 5 }).chain((players) =>
  fc.record({
    players: fc.constant(players),
    worth: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), {
      minLength: 2 ** players,
      maxLength: 2 ** players,
    }),
  }),
);

describe('Shapley values', () => {
  it('are those of the glove game: one left glove is worth what two right ones are together, and more', () => {
    // Player 0 has a left glove, players 1 and 2 a right one each; a pair is worth 1.
    expect(shapleyValues(3, [0, 0, 0, 1, 0, 1, 0, 1])).toEqual([
      expect.closeTo(2 / 3),
      expect.closeTo(1 / 6),
      expect.closeTo(1 / 6),
    ]);
  });

  it('add up to what all have less what none has', () => {
    fc.assert(
      fc.property(games, ({ players, worth }) => {
        const total = shapleyValues(players, worth).reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(worth.at(-1)! - worth[0]!, 9);
      }),
    );
  });

  it('give a player who never adds anything nothing', () => {
    fc.assert(
      fc.property(games, ({ players, worth }) => {
        // Every coalition is worth what it is worth without player 0.
        const idle = worth.map((_, coalition) => worth[coalition & ~1]!);
        expect(shapleyValues(players, idle)[0]).toBeCloseTo(0, 9);
      }),
    );
  });
});
