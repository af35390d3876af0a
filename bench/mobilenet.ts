// MOBILENET: a model of TensorFlow.js read by gradloom/keras beside itself in TensorFlow.js on WebAssembly, one image at a time.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadLayersModel } from 'gradloom/keras'
import { normals } from './data'
import { loadTfjsWasm } from './systems/tfjs-wasm'
import type { Tf } from './systems/tfjs'
import { median } from './timer'

const SIDE = 224
const IMAGES = 10

export interface MobileNetRow {
  readonly workload: 'MOBILENET'
  readonly phase: 'infer'
  readonly size: string
  readonly target: string
  /** Images a second, medians. */
  readonly gradloom: number
  readonly tfjsWasm: number
  /** How many times as many, the median over pairs of runs. */
  readonly ratio: number
  /** Whether both give the same to 1e-4. */
  readonly same: boolean
}

/** The MobileNetV2 of the package `nsfwjs`, which the root of the repository has. */
function files() {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('nsfwjs')), '../models/mobilenet_v2')
  const json = require(join(folder, 'model.min.js')) as {
    readonly modelTopology: object
    readonly weightsManifest: readonly { readonly weights: Parameters<Tf['io']['decodeWeights']>[1] }[]
  }
  const text = require(join(folder, 'group1-shard1of1.min.js')) as string
  return { json, shard: Uint8Array.from(Buffer.from(text, 'base64')) }
}

export async function mobileNetRow(target: 'js' | 'wasm', windows: number): Promise<MobileNetRow> {
  const { json, shard } = files()
  const image = normals(SIDE * SIDE * 3, 0.5, 9)
  const tf = await loadTfjsWasm()
  const [{ weights }] = json.weightsManifest as [(typeof json.weightsManifest)[number]]
  const artifacts = { modelTopology: json.modelTopology, weightSpecs: weights, weightData: shard.buffer }
  const theirs = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
  const x = tf.tensor(image, [1, SIDE, SIDE, 3])
  const peer = (): ArrayLike<number> => {
    const y = theirs.predict(x) as ReturnType<Tf['tensor']>
    const values = y.dataSync()
    y.dispose()
    return values
  }
  const { model } = await loadLayersModel(json, [shard])
  model.compile({ loss: 'mse', target, threads: 1 })
  const mine = (): ArrayLike<number> => model.predictOnBatch([image]) as Float32Array
  const [a, b] = [mine(), peer()]
  const same = Array.from(a).every((v, i) => Math.abs(v - b[i]!) <= 1e-4)
  const rate = (run: () => unknown): number => {
    const start = performance.now()
    for (let i = 0; i < IMAGES; i++) run()
    return (1000 * IMAGES) / (performance.now() - start)
  }
  const pairs = Array.from({ length: windows }, () => [rate(mine), rate(peer)] as const)
  return {
    ...{ workload: 'MOBILENET', phase: 'infer', size: `${SIDE}x${SIDE}x3`, target },
    gradloom: median(pairs.map(([own]) => own)),
    tfjsWasm: median(pairs.map(([, other]) => other)),
    ratio: median(pairs.map(([own, other]) => own / other)),
    same,
  }
}

/** A line for people. */
export const mobileNetText = ({ size, target, gradloom, tfjsWasm, ratio, same }: MobileNetRow): string =>
  `MOBILENET ${size} ${target}: ${gradloom.toFixed(1)} images/s, tfjs-wasm ${tfjsWasm.toFixed(1)}, ` +
  `${ratio.toFixed(2)} times, outputs ${same ? 'the same' : 'DIFFER'}`
