import { layers, loadModel, saveModel, sequential } from 'gradloom/nn'
import { FormatError } from '../../../src/formats/error'
import { decodeSafetensors, encodeSafetensors } from '../../../src/formats/safetensors'
import type { StoredTensor } from '../../../src/formats/stored-tensor'
import { FeedError, GraphError, RuntimeError } from '../../../src/ir/errors'
import type { AnyModel } from '../../../src/models/model'
import { KINDS } from '../../models/zoo'
import { mutated } from '../mutate'
import { mutatedJson } from '../mutate-json'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'

function compiled(): Uint8Array {
  const net = sequential([
    layers.dense({ units: 3, inputShape: [4] }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1 }),
  ])
  net.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  net.trainOnBatch(new Float32Array(8), new Float32Array(2))
  return saveModel(net)
}

function convolutional(): Uint8Array {
  const conv = layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 1] })
  return saveModel(sequential([conv, layers.maxPooling2d(), layers.flatten(), layers.dense({ units: 2 })]))
}

let made: readonly Uint8Array[] | undefined
const files = (): readonly Uint8Array[] =>
  (made ??= [...Object.values(KINDS).map(({ make }) => saveModel(make())), compiled(), convolutional()])

/** A file in order whose config or weights are not. */
function forged(random: () => number): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(oneOf(random, files()))
  const own: Record<string, string> = { ...metadata }
  const key = oneOf(random, Object.keys(own))
  const text = own[key]!
  own[key] =
    key !== 'format' && random() < 0.8
      ? mutatedJson(text, random)
      : new TextDecoder().decode(mutated([Buffer.from(text)], random))
  const kept = new Map<string, StoredTensor>(tensors)
  if (random() < 0.2 && kept.size > 0) {
    const name = oneOf(random, [...kept.keys()])
    const tensor = kept.get(name)!
    const length = below(random, 9)
    if (random() < 0.5) kept.delete(name)
    else if (tensor.dtype === 'float32') kept.set(name, { ...tensor, shape: [length], data: new Float32Array(length) })
  }
  return encodeSafetensors(kept, own)
}

export const model: Reader = {
  name: 'model',
  samples: files,
  read: loadModel,
  // A model may also be right and larger than this machine can run.
  refusals: [FormatError, GraphError, FeedError, RuntimeError],
  verify: (result) => {
    const net = result as AnyModel
    const again = loadModel(saveModel(net))
    if (JSON.stringify(again.getConfig()) !== JSON.stringify(net.getConfig())) throw new Error('the config is another')
  },
  forged,
}
