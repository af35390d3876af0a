// Derivatives as a tool, and methods over entries: a part of `index.ts`.
export { type Batched, type SlicesOf, vmap } from './api/vmap'
export { type Hessians, hessian, jacobian, type Jacobian, type JacobianOptions, type Jacobians } from './api/jacobian'
export { hvp, jvp } from './api/jvp'
export { type ExampleGradients, perExampleGrad } from './api/per-example'
export { rowGrad, type RowGradOptions } from './api/row-grad'
export { flatView, type FlatView } from './api/flat-view'
export { type FlatState, flatState } from './numeric/flat-state'
export { lbfgs, type LbfgsOptions } from './numeric/lbfgs'
export type { Evaluation, Minimised, MinimiseOptions, Progress } from './numeric/minimise'
export { type CurvedEvaluation, newton } from './numeric/newton'
export {
  type CheckedInputs,
  type CheckedValues,
  gradientCheck,
  type GradientCheckOptions,
  type GradientReport,
} from './numeric/gradient-check'
