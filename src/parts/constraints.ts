import type { Tensor } from '../ir/tensor'
export type Constraint = (w: Tensor) => Tensor
export type ConstraintId = string | Constraint
export const constraintOf = (id: unknown): Constraint => id as Constraint
export const constraintConfig = (f: Constraint): unknown => f
