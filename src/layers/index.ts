// Every layer by the name of its factory; other files of the library take them from their own files.
export { batchNormalization } from './batch-normalization'
export { dense } from './dense'
export { groupNormalization } from './group-normalization'
export { layerNormalization } from './layer-normalization'
export { rmsNormalization } from './rms-normalization'
export { unitNormalization } from './unit-normalization'
