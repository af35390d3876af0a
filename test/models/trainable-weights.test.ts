import { describe, expect, it } from 'vitest'
import { compile, entry, mean, sgd, square, sub, tensor, type Tensor } from 'gradloom'
import { type AnyLayer, forward, layers, sequential, type Sequential, type Weight } from 'gradloom/nn'

const [BATCH, STEPS, FEATURES] = [8, 3, 4]
const x = Float32Array.from({ length: BATCH * STEPS * FEATURES }, (_, i) => Math.sin(i + 1))
const y = Float32Array.from({ length: BATCH }, (_, i) => Math.cos(i))

interface Parts {
  readonly net: Sequential
  readonly recurrent: AnyLayer
  readonly norm: AnyLayer
  readonly inner: Sequential
  readonly head: AnyLayer
}
function parts(): Parts {
  const recurrent = layers.bidirectional({ layer: layers.gru({ units: 2 }), inputShape: [STEPS, FEATURES] })
  const norm = layers.batchNormalization()
  const inner = sequential([layers.dense({ units: 3 }), layers.pReLU(), norm])
  const head = layers.dense({ units: 1 })
  return { net: sequential([recurrent, inner, head]), recurrent, norm, inner, head }
}

const CASES: Readonly<Record<string, (parts: Parts) => void>> = {
  'nothing is frozen': () => undefined,
  'one layer is': ({ head }) => void (head.trainable = false),
  'a layer with parts is': ({ recurrent }) => void (recurrent.trainable = false),
  'a part of a layer is': ({ recurrent }) => void (recurrent.layers[0]!.trainable = false),
  'a layer in a model in the model is': ({ norm }) => void (norm.trainable = false),
  'a model in the model is': ({ inner }) => void (inner.trainable = false),
  'a model is, and layers of it were freed later': ({ inner }) => {
    inner.trainable = false
    for (const layer of inner.layers) layer.trainable = true
  },
  'all but one layer is': ({ recurrent, inner }) => {
    recurrent.trainable = inner.trainable = false
  },
}

/** Weights that have other values after something was done; running statistics aside. */
async function changed(net: Sequential, act: () => Promise<unknown>): Promise<Weight[]> {
  const before = net.getWeights().map(String)
  await act()
  const after = net.getWeights()
  return net.weights.filter((w, i) => w.isTrained && String(after[i]) !== before[i])
}

describe.each(Object.entries(CASES))('trainableWeights where %s', (_, freeze) => {
  const made = (): Sequential => {
    const all = parts()
    freeze(all)
    return all.net
  }

  it('are those that fit changes', async () => {
    const net = made()
    net.compile({ optimizer: 'sgd', loss: 'mse' })
    const data = Object.assign(x.slice(), { shape: [BATCH, STEPS, FEATURES] })
    const expected = net.trainableWeights
    expect(await changed(net, () => net.fit(data, y))).toEqual(expected)
  })

  it("are what a program of one's own trains", () => {
    const net = made()
    const program = compile({
      train: entry({ x: tensor([BATCH, STEPS, FEATURES]), y: tensor([BATCH, 1]) }, ({ x, y }) => {
        const { result, updates } = forward({ training: true }, () => net(x))
        const loss = mean(square(sub(result, y))) as Tensor<[]>
        const weights = net.trainableWeights.map((w) => w.variable!)
        return { outputs: { loss }, updates: [...(weights.length > 0 ? sgd(loss, weights) : []), ...updates] }
      }),
    })
    const values = (): string[] => net.weights.map((w) => String(program.state.get(w.variable!)))
    const before = values()
    program.train({ x, y })
    const after = values()
    const own = net.weights.filter((w, i) => w.isTrained && before[i] !== after[i])
    expect(own).toEqual(net.trainableWeights)
  })

  it('are, with the others, all weights in their order', () => {
    const { weights, trainableWeights, nonTrainableWeights } = made()
    const rank = (w: Weight): number => weights.indexOf(w)
    for (const list of [trainableWeights, nonTrainableWeights])
      expect(list.map(rank)).toEqual(list.map(rank).sort((a, b) => a - b))
    expect(new Set([...trainableWeights, ...nonTrainableWeights])).toEqual(new Set(weights))
    expect(trainableWeights.length + nonTrainableWeights.length).toBe(weights.length)
  })
})

it('a layer that stands in two models is there once', () => {
  const shared = layers.dense({ units: 4, inputShape: [4] })
  const net = sequential([sequential([shared]), sequential([shared, layers.dense({ units: 4 })])])
  expect(net.trainableWeights.map((w) => w.variable ?? w.name)).toHaveLength(4)
  expect(net.nonTrainableWeights).toEqual([])
})
