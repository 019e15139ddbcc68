/** What a text must not go on with. */
const NONE: ReadonlySet<number> = new Set();

/**
 * Tokens that would complete a run of `noRepeatNgrams` tokens that has come before; Paulus et al. 2017,
 * https://arxiv.org/abs/1705.04304.
 */
export function bannedTokens(
  prompt: Int32Array,
  tokens: readonly number[],
  {
    noRepeatNgrams: size,
    noRepeatOfPrompt,
  }: { readonly noRepeatNgrams: number; readonly noRepeatOfPrompt: boolean },
): ReadonlySet<number> {
  if (size === 0) return NONE;
  const all = noRepeatOfPrompt ? [...prompt, ...tokens] : tokens;
  const before = size - 1;
  if (all.length < before) return NONE;
  const banned = new Set<number>();
  const tail = all.length - before;
  for (let from = 0; from + before < all.length; from++) {
    let same = true;
    for (let i = 0; same && i < before; i++) same = all[from + i] === all[tail + i];
    if (same) banned.add(all[from + before]!);
  }
  return banned;
}
