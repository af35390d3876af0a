import type { Tensor } from '../ir/tensor'
export type Regularizer = (w: Tensor) => Tensor
export type RegularizerId = string | Regularizer
export const regularizerOf = (id: unknown): Regularizer => id as Regularizer
export const regularizerConfig = (f: Regularizer): unknown => f
