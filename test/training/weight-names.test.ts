import { type AnyModel, layers, loadModel, saveModel, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors'

// Weights of so many units fit into no memory: whoever makes values of them fails otherwise than these messages say.
const HUGE = 2 ** 31 - 1

describe('weights of a file are compared with those of a model before any has a value', () => {
  const kinds: Readonly<Record<string, (units: number) => AnyModel>> = {
    dense: (units) => sequential([layers.dense({ units, inputShape: [4] })]),
    'orthogonal first values': (units) => sequential([layers.gru({ units, inputShape: [2, 3] })]),
    'a model inside': (units) => sequential([sequential([layers.dense({ units, inputShape: [4] })])]),
    embedding: (units) => sequential([layers.embedding({ inputDim: units, outputDim: 2, inputShape: [3] })]),
  }
  // Three gates of it have to be a size that is a whole number of int32.
  const largest = (kind: string): number => (kind.startsWith('orthogonal') ? Math.floor(HUGE / 3) : HUGE)

  it.each(Object.keys(kinds))('another size: %s', (kind) => {
    const small = kinds[kind]!(3)
    const bytes = saveModel(small)
    const message = new RegExp(
      `is float32\\[[\\d, ]*\\] in the file and float32\\[[\\d, ]*\\d{9,}[\\d, ]*\\] in the model`,
    )
    expect(() => kinds[kind]!(largest(kind)).loadWeights(bytes)).toThrow(message)

    const { tensors, metadata } = decodeSafetensors(bytes)
    const model = metadata.model!.replace(/"(units|inputDim)":3/, `"$1":${largest(kind)}`)
    const changed = (kept: typeof tensors) => encodeSafetensors(kept, { ...metadata, model })
    expect(() => loadModel(changed(tensors))).toThrow(message)
    expect(() => loadModel(changed(new Map()))).toThrow(/^loadModel: ".*" float32\[.*\d{9}.*\] is missing/)
  })

  it.each(['js', 'wasm'] as const)('and what has values gets no first ones: %s', async (target) => {
    let calls = 0
    const make = () => {
      const kernelInitializer = (): number[] => [++calls, 0, 0, calls]
      const net = sequential([layers.dense({ units: 2, inputShape: [2], kernelInitializer })])
      net.compile({ optimizer: 'sgd', loss: 'mse', target })
      return net
    }
    const net = make()
    const bytes = net.saveWeights()
    expect(calls).toBe(1)
    const other = make()
    other.loadWeights(bytes)
    other.saveWeights()
    expect(Array.from((await other.predict([[5, 7]])) as Float32Array)).toEqual([5, 7])
    expect(calls).toBe(1)
    net.dispose()
    other.dispose()
  })
})
