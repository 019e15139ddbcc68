/** How exactly an encoder computes: in 32-bit floats, or its matrix products in eight bits. */
export const PRECISIONS = ['fp32', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Tokens that a model computes at once: enough to keep a processor busy, few enough to stay in its cache. */
export const DEFAULT_TOKENS_PER_BATCH = 512;
