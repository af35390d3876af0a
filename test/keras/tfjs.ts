import * as tf from '@tensorflow/tfjs'
import { vi } from 'vitest'

// Its own kernels in plain JavaScript; what it says to people who forgot a faster package belongs in no test.
tf.env().set('IS_TEST', true)
await tf.setBackend('cpu')

export { tf }

/** A model as TensorFlow.js writes it: the content of model.json, and the bytes beside it. */
export async function written(model: tf.LayersModel): Promise<{ json: object; shards: Uint8Array[] }> {
  let found: tf.io.ModelArtifacts | undefined
  const handler = tf.io.withSaveHandler((artifacts) => {
    found = artifacts
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } })
  })
  // It warns of first states, which it writes all the same.
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  await model.save(handler, { includeOptimizer: true })
  warn.mockRestore()
  const { modelTopology, weightSpecs, weightData, trainingConfig } = found!
  const json = {
    modelTopology,
    weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }],
    ...(trainingConfig ? { trainingConfig } : {}),
  }
  // As from a file.
  return { json: JSON.parse(JSON.stringify(json)) as object, shards: [new Uint8Array(weightData as ArrayBuffer)] }
}

/** Small numbers that follow no pattern. */
export const values = (size: number, seed = 1): number[] =>
  Array.from({ length: size }, (_, i) => Math.round(Math.sin(12.9898 * (i + 1) * (seed + 0.5)) * 64) / 64)

/** Gives every weight other values than those it began with: variances from 0.5 on. */
export function scatter(model: tf.LayersModel): void {
  const set = model.weights.map((w, i) => {
    const size = w.shape.reduce((a, d) => a! * d!, 1)!
    const drawn = values(size, i + 2)
    return tf.tensor(w.name.includes('variance') ? drawn.map((v) => v * v + 0.5) : drawn, w.shape as number[])
  })
  model.setWeights(set)
}
