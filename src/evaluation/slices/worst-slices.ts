import type { SliceReport, SliceScore } from './slice-scores.ts';

/** Slices to show of one slicing. */
const MOST = 12;
/** At least so many that are not flagged, to compare with. */
const FEWEST_OTHERS = 3;

/** The slices worth reading, by slicing: those that are flagged worse, then the worst of the others. */
export function worstSlices({ slices }: SliceReport): readonly SliceScore[] {
  const names = [...new Set(slices.map(({ slicing }) => slicing))];
  return names.flatMap((name) => {
    const all = slices.filter(({ slicing }) => slicing === name);
    const flagged = all.filter(({ flag }) => flag === 'worse').slice(0, MOST);
    const others = all.filter(({ flag }) => flag !== 'worse');
    return [...flagged, ...others.slice(0, Math.max(FEWEST_OTHERS, MOST - flagged.length))];
  });
}
