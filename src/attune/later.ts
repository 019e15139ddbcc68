type Work = (...args: never[]) => Promise<unknown>;

/** A function that loads what does its work when it is called. */
export const later = <F extends Work>(load: () => Promise<F>): F =>
  (async (...args: never[]) => (await load())(...args)) as F;
