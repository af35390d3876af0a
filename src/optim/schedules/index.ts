export { scheduleOf } from './by-name'
export { cosineDecay, type CosineDecayOptions, cosineDecayRestarts, type CosineDecayRestartsOptions } from './cosine'
export {
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  polynomialDecay,
  type PolynomialDecayOptions,
  type RateDecayOptions,
} from './decays'
export { isSchedule, type Schedule, type ScheduleConfig } from './schedule'
export { cyclic, type CyclicOptions, linear, type LinearOptions, oneCycle, type OneCycleOptions } from './torch'
