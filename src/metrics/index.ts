export * from './factories'
export { metricOf } from './lookup'
export { meanOf } from './mean'
export { standalone } from './standalone'
