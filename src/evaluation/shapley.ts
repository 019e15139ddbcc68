/**
 * Shapley values of a game of few players: what each adds, averaged over all orders in which they may join. They add up to
 * what all have together less what none has.
 *
 * @see Shapley 1953, "A Value for n-Person Games"; Lundberg and Lee 2017, https://arxiv.org/abs/1705.07874
 * @param players - at most 20; the cost is 2 to their power
 * @param worth - of each coalition, `[2 ** players]`: bit p of the index says whether player p is in it
 * @returns `[players]`
 */
export function shapleyValues(players: number, worth: ArrayLike<number>): number[] {
  const weights = Array.from({ length: players }, (_, size) => 1 / (players * choose(players - 1, size)));
  return Array.from({ length: players }, (_, player) => {
    let value = 0;
    for (let coalition = 0; coalition < 2 ** players; coalition++) {
      if (coalition & (1 << player)) continue;
      value += weights[bits(coalition)]! * (worth[coalition | (1 << player)]! - worth[coalition]!);
    }
    return value;
  });
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
