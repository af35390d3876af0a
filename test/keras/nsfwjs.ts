import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// The package hides its files behind functions that make models of TensorFlow.js of them.
const require = createRequire(import.meta.url)
const folder = join(dirname(require.resolve('nsfwjs')), '../models/mobilenet_v2')

/** The MobileNetV2 of the package `nsfwjs`: a layers-model with weights of a byte each, [224, 224, 3] to 5 classes. */
export function mobileNet(): { readonly json: object; readonly shards: Uint8Array[] } {
  const json = require(join(folder, 'model.min.js')) as object
  const text = require(join(folder, 'group1-shard1of1.min.js')) as string
  return { json, shards: [Uint8Array.from(Buffer.from(text, 'base64'))] }
}
