import { loadLayersModel, saveLayersModel } from 'gradloom/keras'
import { cloneModel, input, layers as L, model, sequential } from 'gradloom/nn'
import { FormatError } from '../../../src/formats/error'
import { GraphError } from '../../../src/ir/errors'
import type { AnyModel } from '../../../src/models/model'
import { mutatedJson } from '../mutate-json'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'

/** A text and bytes as one file: how long the text is in four bytes, the text, the bytes. */
export function packed(json: string, weights: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(json)
  const file = new Uint8Array(4 + text.length + weights.length)
  new DataView(file.buffer).setUint32(0, text.length, true)
  file.set(text, 4)
  file.set(weights, 4 + text.length)
  return file
}
function unpacked(file: Uint8Array): { json: Uint8Array; weights: Uint8Array } {
  if (file.length < 4) throw new FormatError('layers-model', 'it ends before the text')
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true)
  return { json: file.subarray(4, 4 + length), weights: file.subarray(4 + length) }
}

export function makeModels(): AnyModel[] {
  const x = input({ shape: [4, 3], name: 'x' })
  const shared = L.dense({ units: 3, name: 'shared' })
  const inner = sequential([L.dense({ units: 3, inputShape: [4, 3] }), L.batchNormalization()], { name: 'inner' })
  const both = L.bidirectional({ layer: L.lstm({ units: 2 }) })(L.add()([shared(x), shared(inner(x))]))
  return [
    sequential([
      L.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 1] }),
      L.maxPooling2d(),
      L.flatten(),
      L.dense({ units: 2, kernelRegularizer: { className: 'L2' } }),
    ]),
    model({ inputs: x, outputs: [both, L.gru({ units: 2, resetAfter: false })(x)] }),
    sequential([
      L.embedding({ inputDim: 5, outputDim: 2, maskZero: true, inputShape: [4] }),
      L.simpleRNN({ units: 2 }),
    ]),
  ]
}

let made: readonly (readonly [json: string, weights: Uint8Array])[] | undefined
const files = (): NonNullable<typeof made> =>
  (made ??= makeModels().map((net) => {
    const { modelJson, weights } = saveLayersModel(net)
    return [JSON.stringify(modelJson), weights]
  }))

type Json = Record<string, unknown>
interface Topology {
  modelTopology: { class_name: string; config: { layers: { config: Json; inbound_nodes?: unknown }[] } & Json }
  weightsManifest: { paths: string[]; weights: Json[] }[]
}

/** What one thing wrong in a file in order leads to. */
const WRONGS: readonly ((file: Topology, random: () => number) => void)[] = [
  ({ modelTopology }, random) => {
    const { config } = oneOf(random, modelTopology.config.layers)
    const sizes = Object.keys(config).filter((key) => typeof config[key] === 'number')
    if (sizes.length > 0) config[oneOf(random, sizes)] = oneOf(random, [1e6, 2 ** 31, 2 ** 53 - 1, 1e300, -1])
  },
  ({ modelTopology }, random) => {
    const { layers } = modelTopology.config
    const [one, other] = [oneOf(random, layers), oneOf(random, layers)]
    one.inbound_nodes = [[[String(other.config['name']), 0, 0, {}]]]
  },
  ({ weightsManifest }, random) => void weightsManifest[0]!.weights.splice(below(random, 3), 1),
  ({ weightsManifest }, random) => {
    oneOf(random, weightsManifest[0]!.weights)['shape'] = oneOf(random, [
      [],
      [0, 2 ** 53],
      [2 ** 31, 2 ** 31],
      [-1],
      ['3'],
    ])
  },
  ({ weightsManifest }, random) => {
    weightsManifest[0]!.paths = [oneOf(random, ['../up', '/etc/passwd', 'a\\b', 'c:d', '', 'a/./b', 'a\0b'])]
  },
  ({ weightsManifest }, random) => {
    const scale = oneOf(random, [0, 1e308, -1, null])
    oneOf(random, weightsManifest[0]!.weights)['quantization'] = {
      dtype: oneOf(random, ['uint8', 'uint16', 'float16', 'int8']),
      scale,
      min: 0,
    }
  },
  ({ modelTopology }, random) => {
    let deep: unknown = modelTopology.config.layers[0]
    for (let n = below(random, 300); n > 0; n--)
      deep = { class_name: 'Sequential', config: { name: `n${n}`, layers: [deep] } }
    modelTopology.config.layers = [deep as never]
  },
]

function forged(random: () => number): Uint8Array {
  const [json, weights] = oneOf(random, files())
  if (random() < 0.5) return packed(mutatedJson(json, random), weights)
  const file = JSON.parse(json) as Topology
  oneOf(random, WRONGS)(file, random)
  const text = JSON.stringify(file)
  // What JSON.parse takes and nobody means.
  const odd =
    random() < 0.1
      ? text.replace(/:(\d+)/, oneOf(random, [':1e999', ':NaN', ':{"__proto__":{"a":1}}', ':{"a":1,"a":2}']))
      : text
  return packed(odd, weights)
}

/** Throws for a model that is not whole: one that cannot be made again, or with a weight that has no value. */
export function verifyModel(net: AnyModel): void {
  const again = cloneModel(net)
  if (JSON.stringify(again.getConfig()) !== JSON.stringify(net.getConfig())) throw new Error('the config is another')
  for (const w of net.weights)
    if (w.read()?.length !== w.shape.reduce((a, b) => a * b, 1)) throw new Error(`the weight ${w.name} has no value`)
}

export const layersModel: Reader = {
  name: 'layers-model',
  samples: () => files().map(([json, weights]) => packed(json, weights)),
  read: async (bytes) => {
    const { json, weights } = unpacked(bytes)
    return (await loadLayersModel(json, () => weights)).model
  },
  refusals: [FormatError, GraphError],
  verify: (result) => verifyModel(result as AnyModel),
  forged,
}
