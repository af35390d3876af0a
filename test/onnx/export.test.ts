import { compile, type Entry } from 'gradloom'
import { onnxState, writeOnnx } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import { inferenceEntry, type Network, trainingEntry } from '../../bench/systems/gradloom-classifier'
import { cnnNetwork } from '../../bench/systems/gradloom-cnn'
import { lstmNetwork } from '../../bench/systems/gradloom-lstm'
import { mlpNetwork } from '../../bench/systems/gradloom-mlp'
import { entryInternals } from '../../src/compile/internals'
import type { Data } from '../../src/ir/type'
import { type Fed, OrtModel } from './ort'

const NETWORKS: readonly (readonly [string, () => Network])[] = [
  ['W1', () => mlpNetwork('W1')],
  ['W2', () => mlpNetwork('W2')],
  ['W3', cnnNetwork],
  ['W4', lstmNetwork],
]
const STEPS = 10

/** Arrays as onnxruntime takes them, in the types of the entry's inputs. */
function fed(run: object, feeds: Readonly<Record<string, Data>>): Record<string, Fed> {
  const { inputs } = entryInternals('test', run).probe
  return Object.fromEntries([...inputs].map(([name, { dtype, shape }]) => [name, { dtype, shape, data: feeds[name]! }]))
}

/** The largest difference as a share of the largest value. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  const size = Array.from(b).reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30)
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0) / size
}

describe.each(NETWORKS)('%s in onnxruntime', (_, network) => {
  const { x, y } = network().examples

  it('gives the outputs of inference', async () => {
    const run = compile(inferenceEntry(network()) as Entry, { threads: 1 })
    const model = await OrtModel.load(writeOnnx(run))
    const { logits } = await model.run(fed(run, { x }))
    expect(model.inputs).toEqual(['x'])
    expect(apart(logits!, (run({ x }) as Record<string, Float32Array>)['logits']!)).toBeLessThan(1e-5)
    await model.release()
  })

  it(`trains ${STEPS} steps to the same losses and weights`, async () => {
    const run = compile(trainingEntry(network()) as Entry, { threads: 1 })
    const bytes = writeOnnx(run)
    const model = await OrtModel.load(bytes)
    const variables = [...onnxState(bytes)]
    expect(variables.length).toBeGreaterThan(0)
    let state: Record<string, Fed> = Object.fromEntries(variables.map(([name, { first }]) => [name, first]))
    for (let step = 1; step <= STEPS; step++) {
      const results = await model.run({ ...fed(run, { x, y }), ...state })
      const loss = (run({ x, y }) as Record<string, number>)['loss']!
      expect(apart(results['loss']!, [loss]), `loss of step ${step}`).toBeLessThan(step * 1e-5)
      state = Object.fromEntries(
        variables.map(([name, { first, next }]) => {
          const [value, data] = [run.state.get(name) as Float32Array, results[next!]!]
          expect(apart(data, value), `${name} after step ${step}`).toBeLessThan(step * 1e-5)
          return [name, { ...first, data }]
        }),
      )
    }
    await model.release()
  })
})
