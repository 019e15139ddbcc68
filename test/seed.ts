/** Properties draw the same cases in each run, so that a failure is a change's own; FAST_CHECK_SEED=N draws others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });
