export * from './factories'
export { LOSSES, lossOf } from './lookup'
export { lossValue, reduceLoss } from './reduce'
