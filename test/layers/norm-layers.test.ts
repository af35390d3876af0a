import { layers, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { GraphError } from 'gradloom'
import { expectFault } from '../fault'
import { built, checkLayer, type LayerCase, TARGETS, valuesOf, wave } from './layer-cases'

const CASES: Readonly<Record<string, LayerCase>> = {
  'batch normalisation': { make: () => layers.batchNormalization({}), inputs: [[null, 3, 4]] },
  'batch normalisation of an axis in between': {
    make: () => layers.batchNormalization({ axis: 1, momentum: 0.5, epsilon: 0.1, center: false }),
    inputs: [[null, 3, null]],
  },
  'layer normalisation over two axes': {
    make: () => layers.layerNormalization({ axis: [1, -1], epsilon: 0.01 }),
    inputs: [[null, 3, 2]],
  },
  'layer normalisation without a scale': {
    make: () => layers.layerNormalization({ scale: false, betaInitializer: 'ones' }),
    inputs: [[null, null, 4]],
  },
  'group normalisation of channels first': {
    make: () => layers.groupNormalization({ groups: 2, axis: 1 }),
    inputs: [[null, 4, 3]],
  },
  'RMS normalisation': { make: () => layers.rmsNormalization({}), inputs: [[null, null, 4]] },
  'RMS normalisation over two axes': {
    make: () => layers.rmsNormalization({ axis: [1, 2], epsilon: 0.1 }),
    inputs: [[null, 3, 2]],
  },
  'unit normalisation over two axes': {
    make: () => layers.unitNormalization({ axis: [1, 2] }),
    inputs: [[null, 3, 2]],
  },
  'spectral normalisation': {
    make: () => layers.spectralNormalization({ layer: layers.dense({ units: 3 }), powerIterations: 2 }),
    inputs: [[null, 4]],
  },
}

describe.each(TARGETS)('layers of normalisation on %s', (target) => {
  it.each(Object.entries(CASES))('%s: shape, config, gradients', (_, layerCase) => {
    checkLayer(target, layerCase)
  })

  it('RMS normalisation is x / sqrt(mean(x²) + epsilon) scale', () => {
    const x = wave(2 * 4 * 4)
    const { layer, outputs } = valuesOf(target, CASES['RMS normalisation']!, [x])
    const scale = layer.getWeights()[0]!
    x.forEach((v, i) => {
      const row = x.subarray(i - (i % 4), i - (i % 4) + 4)
      const mean = row.reduce((sum, u) => sum + u * u, 0) / 4
      expect(outputs[0]![i]).toBeCloseTo((v / Math.sqrt(mean + 1e-6)) * scale[i % 4]!, 10)
    })
  })

  it('statistics of a batch are those of what its mask chooses, whatever else there is', () => {
    const layerCase: LayerCase = { make: () => layers.batchNormalization({ momentum: 0.9 }), inputs: [[null, 3, 2]] }
    const x = wave(12)
    const data = [1, 0, 1, 1, 0, 0]
    x[2] = 1e12
    const mask = { shape: [2, 3], data }
    const { layer, outputs } = valuesOf(target, layerCase, [x], ([m]) => ({ mask: m!, training: true }), [mask])
    const [gamma, beta] = layer.getWeights() as [Float64Array, Float64Array]
    for (const c of [0, 1]) {
      const chosen = data.flatMap((m, i) => (m ? [x[2 * i + c]!] : []))
      const mean = chosen.reduce((a, b) => a + b, 0) / chosen.length
      const variance = chosen.reduce((a, b) => a + (b - mean) ** 2, 0) / chosen.length
      data.forEach((m, i) => {
        const right = ((x[2 * i + c]! - mean) / Math.sqrt(variance + 1e-3)) * gamma[c]! + beta[c]!
        if (m) expect(outputs[0]![2 * i + c]).toBeCloseTo(right, 9)
      })
    }
  })

  it('spectral normalisation trains with the kernel by its largest singular value', () => {
    const layerCase = CASES['spectral normalisation']!
    const x = wave(8)
    const plain = valuesOf(target, layerCase, [x])
    const trained = valuesOf(target, layerCase, [x], () => ({ training: true }))
    const weights = plain.layer.weights.map((w, i) => [w.name, plain.layer.getWeights()[i]!] as const)
    const of = (name: string): Float64Array => Float64Array.from(weights.find(([n]) => n === name)![1])
    const [kernel, bias, u] = [of('kernel'), of('bias'), of('vector_u')]
    const unit = (v: number[]): number[] => v.map((a) => a / Math.hypot(...v))
    let right = [...u]
    let left: number[] = []
    for (let i = 0; i < 2; i++) {
      left = unit([0, 1, 2, 3].map((r) => right.reduce((sum, b, c) => sum + kernel[3 * r + c]! * b, 0)))
      right = unit([0, 1, 2].map((c) => left.reduce((sum, a, r) => sum + kernel[3 * r + c]! * a, 0)))
    }
    const sigma = left.reduce((sum, a, r) => sum + a * right.reduce((t, b, c) => t + kernel[3 * r + c]! * b, 0), 0)
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++) {
        const product = [0, 1, 2, 3].reduce((sum, r) => sum + x[4 * n + r]! * kernel[3 * r + c]!, 0)
        expect(plain.outputs[0]![3 * n + c]).toBeCloseTo(product + bias[c]!, 10)
        expect(trained.outputs[0]![3 * n + c]).toBeCloseTo(product / sigma + bias[c]!, 10)
      }
  })
})

it('training keeps the largest singular value of a kernel at 1', async () => {
  const layer = layers.spectralNormalization({ layer: layers.dense({ units: 3 }), inputShape: [4] })
  const net = sequential([layer])
  net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  await net.fit(Float32Array.from(wave(64)), Float32Array.from(wave(48, 0.7)), { epochs: 20, batchSize: 8, verbose: 0 })
  expect(layer.weights.map((w) => w.name)).toEqual(['kernel', 'vector_u', 'bias'])
  const kernel = layer.getWeights()[0]!
  let u = [1, 1, 1]
  let squared = 0
  for (let i = 0; i < 200; i++) {
    const v = [0, 1, 2, 3].map((r) => u.reduce((sum, b, c) => sum + kernel[3 * r + c]! * b, 0))
    u = [0, 1, 2].map((c) => v.reduce((sum, a, r) => sum + kernel[3 * r + c]! * a, 0))
    squared = Math.hypot(...u)
    u = u.map((a) => a / squared)
  }
  expect(Math.sqrt(squared)).toBeCloseTo(1, 3)
})

describe('what layers of normalisation refuse', () => {
  const on =
    (make: LayerCase['make'], ...inputs: LayerCase['inputs']) =>
    () =>
      built({ make, inputs })
  const BAD: readonly (readonly [string, () => unknown, readonly string[]])[] = [
    ['an axis that is not there', on(() => layers.batchNormalization({ axis: 3 }), [null, 4]), ['BatchNormalization', 'axis 3']],
    ['groups that do not divide', on(() => layers.groupNormalization({ groups: 3 }), [null, 4]), ['groups', '4 channels']],
    ['no groups', () => layers.groupNormalization({ groups: 0 }), ['GroupNormalization', 'from 1, or -1']],
    ['a norm of another layer', () => layers.layerNormalization({ rmsScaling: true }), ['RMSNormalization']],
    ['an axis that is no number', () => layers.unitNormalization({ axis: [0.5] }), ['UnitNormalization: axis', 'whole number']],
    ['momentum above 1', () => layers.batchNormalization({ momentum: 1.5 }), ['momentum', '0 to 1']],
    ['a layer without a kernel', on(() => layers.spectralNormalization({ layer: layers.rmsNormalization({}) }), [null, 4]), ['no weight kernel or embeddings']],
    ['no layer', () => layers.spectralNormalization({ layer: 3 as never }), ['layer must be a layer']],
  ] // prettier-ignore
  it.each(BAD)('%s', (_, build, parts) => {
    expectFault(build, GraphError, ...parts)
  })
})
