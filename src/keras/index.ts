// What gradloom/keras exports: models of Keras and TensorFlow.js, in and out.
export { FormatError } from '../formats/error'
export { loadLayersModel, type Loaded } from './layers-model'
export type { Shards } from './manifest'
export type { LayerMaker, Note, ReadOptions, Report } from './reading'
export type { H5Options, H5Worker } from './h5/open'
export { type KerasOptions, loadH5, loadKeras } from './keras-file'
export { type LayersModel, saveLayersModel } from './save/layers-model'
export type { Json } from './part'
