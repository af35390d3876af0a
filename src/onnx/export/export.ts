import type { Direct } from './direct'

/**
 * How the tensors of an op are written: by an op of ONNX; `point`, by what they are at a point (`point.ts`); `expand`, as the ops
 * that a composite is made of. Null: there is nothing for it in ONNX. Leaves and regions are written by the graph they are in.
 */
export type Export = Direct | 'point' | 'expand' | 'leaf' | 'region' | null
