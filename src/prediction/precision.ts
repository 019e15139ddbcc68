/** How exactly an encoder computes: in 32-bit floats, or its matrix products in eight bits. */
export const PRECISIONS = ['fp32', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];
